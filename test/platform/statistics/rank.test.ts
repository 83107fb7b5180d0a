import t from 'tap'
import { rank } from '#platform/statistics/rank.ts'
import { normalNumbers } from '../../agents/report/analysis/normal-numbers.ts'

t.test('ranks agree between short and long samples', async (t) => {
  const values = normalNumbers(5000, 3).map((value) => Math.round(value * 50) / 50)
  const { ranks, order } = rank(values)
  for (let i = 1; i < order.length; i++) {
    const [before, here] = [order[i - 1]!, order[i]!]
    if (
      values[before]! > values[here]! ||
      (values[before] === values[here]) !== (ranks[before] === ranks[here])
    ) {
      t.fail(`positions ${before} and ${here} are out of order`)
    }
  }
  t.equal(
    ranks.reduce((sum, r) => sum + r, 0),
    (5000 * 5001) / 2,
  )
  t.same([...rank([30, -0, 0, -5]).ranks], [4, 2.5, 2.5, 1])
})

t.test('long samples of all magnitudes are in order, equal ones as they were given', async (t) => {
  const numbers = [...normalNumbers(2000, 5)]
  const values = numbers.map(
    (z, i) => [z, Math.round(z), z * 1e300, z * 1e-310, -0, 0, 1 / 0, -1 / 0][i % 8]!,
  )
  const expected = values.map((_, i) => i).sort((i, j) => compared(values[i]!, values[j]!) || i - j)
  t.strictSame([...rank(values).order], expected)
})

t.test('NaN comes last, in short and in long samples', async (t) => {
  t.strictSame([...rank([1, Number.NaN, 0, Number.NaN, -1]).order], [4, 2, 0, 1, 3])
  const values = normalNumbers(1000, 7).map((z, i) => (i % 10 === 3 ? Number.NaN : z))
  const { order } = rank(values)
  t.ok(order.slice(0, 900).every((i, k) => k === 0 || values[order[k - 1]!]! <= values[i]!))
  t.ok(order.slice(900).every((i) => Number.isNaN(values[i])))
})

function compared(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
