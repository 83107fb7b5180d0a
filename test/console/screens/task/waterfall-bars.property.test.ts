import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { axisTicks } from '../../../../services/console/screens/task/waterfall-bars.ts'

t.test('an axis has a few round marks', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), (spanMs) => {
      const ticks = axisTicks(spanMs, 6)
      assert.ok(ticks.length >= 1 && ticks.length <= 7, `${ticks.length}`)
      assert.strictEqual(ticks[0], 0)
      assert.ok(ticks.at(-1)! <= spanMs)
    }),
  )
})
