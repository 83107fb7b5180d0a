import assert from 'node:assert'
import * as crypto from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { hash } from '../../../services/console/data/browser-crypto.ts'

t.test('the same hash as that of Node, whatever the length', async (t) => {
  t.equal(hash('sha256', 'abc', 'hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  for (const length of [0, 55, 56, 63, 64, 65, 119, 120, 1000])
    t.equal(hash('sha256', 'x'.repeat(length), 'hex'), crypto.hash('sha256', 'x'.repeat(length), 'hex'))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      assert.strictEqual(hash('sha256', text, 'base64url'), crypto.hash('sha256', text, 'base64url'))
    }),
  )
})
