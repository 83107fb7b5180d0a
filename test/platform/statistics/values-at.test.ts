import t from 'tap'
import { valuesAt } from '../../../services/platform/statistics/values-at.ts'

t.test('values in the order of the positions, also twice', async (t) => {
  t.strictSame([...valuesAt([10, 20, 30], [2, 0, 2])], [30, 10, 30])
  t.strictSame([...valuesAt(Float64Array.of(1.5, Number.NaN), Uint32Array.of(1))], [Number.NaN])
  t.equal(valuesAt([], []).length, 0)
})
