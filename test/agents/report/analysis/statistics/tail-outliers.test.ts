import t from 'tap'
import { tailOutliers } from '../../../../../services/agents/report/analysis/statistics/tail-outliers.ts'

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

const smallest = (residuals: Float64Array) => Math.min(...tailOutliers(residuals).map(({ pValue }) => pValue))

t.test('a value far beyond the tail is found, at its place', async (t) => {
  const residuals = normals(7, 400)
  residuals[123] = 25
  const [best] = tailOutliers(residuals).toSorted((a, b) => a.pValue - b.pValue)
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
