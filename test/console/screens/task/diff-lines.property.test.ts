import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { diffLines } from '../../../../services/console/screens/task/diff-lines.ts'

t.test('what differs: put together again it is both texts', async () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
    .map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      assert.strictEqual(lines.length === 0, before === after)
      const minus = lines.filter(({ sign }) => sign === '-').length
      const plus = lines.filter(({ sign }) => sign === '+').length
      assert.strictEqual(before.split('\n').length - minus, after.split('\n').length - plus)
    }),
  )
})
