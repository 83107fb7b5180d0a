import t from 'tap'
import {
  columnTail,
  tailOutliers,
} from '../../../../../services/agents/report/analysis/statistics/tail-outliers.ts'
import { normalNumbers } from '../normal-numbers.ts'

/** Lehmer's generator, so that every run sees the same values. */
function normals(seed: number, count: number): Float64Array {
  let state = seed
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  )
}

const outliersOf = (...columns: Float64Array[]) => tailOutliers(columns.map(columnTail))
const smallest = (residuals: Float64Array) =>
  Math.min(...outliersOf(residuals)[0]!.map(({ pValue }) => pValue))

t.test('a value far beyond the tail is found, at its place', async (t) => {
  const residuals = normals(7, 400)
  residuals[123] = 25
  const [best] = outliersOf(residuals)[0]!.toSorted((a, b) => a.pValue - b.pValue)
  t.ok(best!.pValue < 0.001, `${best!.pValue}`)
  t.strictSame([...best!.indexes], [123])
})

t.test('the extremes of normal values are ordinary', async (t) => {
  const found = Array.from({ length: 60 }, (_, i) => smallest(normals(i + 1, 200))).filter((p) => p <= 0.01)
  t.ok(found.length <= 3, `${found.length} of 60`)
})

t.test('of skewed values each tail is judged alone', async (t) => {
  const skewed = normals(11, 400).map(Math.exp)
  t.ok(smallest(skewed) > 0.01, 'a long tail is its own measure')
})

t.test('nine ordinary columns make a value far out of the tenth sure', async (t) => {
  const residuals = normalNumbers(60, 5)
  residuals[10] = 10
  const others = Array.from({ length: 9 }, (_, i) => normalNumbers(60, 1_000 + i))
  const [alone] = outliersOf(residuals)[0]!
  const [beside] = outliersOf(residuals, ...others)[0]!
  t.strictSame(beside!.indexes, [10])
  t.ok(beside!.pValue < alone!.pValue / 10, `${beside!.pValue} beside others, ${alone!.pValue} alone`)
})

t.test('where all columns have heavy tails, their extremes are ordinary', async (t) => {
  const heavy = (seed: number) => normals(seed, 60).map((value) => value * Math.abs(value) ** 1.5)
  const tails = outliersOf(...Array.from({ length: 20 }, (_, i) => heavy(i + 1)))
  t.ok(tails.every(([tail]) => tail!.pValue > 0.001))
})
