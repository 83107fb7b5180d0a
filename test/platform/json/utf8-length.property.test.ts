import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { utf8Length } from '../../../services/platform/json/utf8-length.ts'

t.test('bytes of a text, as an encoder makes them', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.strictEqual(utf8Length(text), new TextEncoder().encode(text).length)
    }),
  )
})
