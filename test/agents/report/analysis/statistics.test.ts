import t, { type Test } from 'tap'
import { findChangePoints } from '../../../../services/agents/report/analysis/statistics/change-points.ts'
import {
  holm,
  pearson,
  spearman,
  spearmanPValue,
} from '../../../../services/agents/report/analysis/statistics/correlation.ts'
import { kruskalWallis } from '../../../../services/agents/report/analysis/statistics/kruskal-wallis.ts'
import {
  leastSquares,
  linearDesign,
} from '../../../../services/agents/report/analysis/statistics/least-squares.ts'
import {
  mannKendall,
  serialVarianceFactor,
} from '../../../../services/agents/report/analysis/statistics/mann-kendall.ts'
import { moments } from '../../../../services/agents/report/analysis/statistics/moments.ts'
import { monotoneTrend } from '../../../../services/agents/report/analysis/statistics/monotone-trend.ts'
import { numericSummary } from '../../../../services/agents/report/analysis/statistics/numeric-summary.ts'
import {
  chiSquareUpper,
  normalTwoSided,
  studentTwoSided,
} from '../../../../services/agents/report/analysis/statistics/probability.ts'
import { medianAbsoluteDeviation } from '../../../../services/agents/report/analysis/statistics/quantile.ts'
import { rank } from '../../../../services/agents/report/analysis/statistics/rank.ts'
import { theilSen } from '../../../../services/agents/report/analysis/statistics/theil-sen.ts'
import { normalNumbers } from './normal-numbers.ts'

const close = (t: Test, actual: number | null, expected: number, digits = 9) =>
  t.ok(
    actual !== null && Math.abs(actual - expected) <= 10 ** -digits * Math.max(1, Math.abs(expected)),
    `${actual} is ${expected}`,
  )

t.test('the median absolute deviation is unscaled', async (t) => {
  t.equal(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9], 2), 1)
})

t.test('tails of distributions match tables', async (t) => {
  close(t, normalTwoSided(1.959963984540054), 0.05, 12)
  close(t, studentTwoSided(2.2281388519862735, 10), 0.05, 12)
  close(t, chiSquareUpper(18.307038053275146, 10), 0.05, 12)
  t.ok(normalTwoSided(30) > 0 && normalTwoSided(30) < 1e-190, 'the far tail is not lost')
})

t.test('skewness and kurtosis are the adjusted ones', async (t) => {
  const found = moments([2, 8, 0, 4, 1, 9, 9, 0])
  close(t, found.skewness, 0.3305821804079746)
  close(t, found.kurtosis, -2.098602258096087)
})

t.test('correlation coefficients, p and correction', async (t) => {
  close(t, spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 0.8)
  close(t, pearson([1, 2, 3], [1, 2, 4]), 0.9819805060619659)
  t.equal(pearson([1, 1, 1], [1, 2, 3]), null)
  t.throws(() => pearson([1], [1, 2]), RangeError)
  close(t, spearmanPValue(1, 5), 2 / 120)
  close(t, spearmanPValue(0.8, 5), 0.10408803866182788)
  t.same(
    holm([0.01, 0.04, 0.03]).map((p) => Math.round(p * 1000) / 1000),
    [0.03, 0.06, 0.06],
  )
})

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

t.test(
  'Mann–Kendall: exact for few points, variance true over all orders with ties on both sides',
  async (t) => {
    close(t, mannKendall([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).pValue, 2 / 120)
    const x = [1, 1, 2, 3, 3, 3]
    const y = [5, 7, 7, 7, 8, 9]
    const all = permutations(y).map((order) => mannKendall(x, order).s)
    const variance = all.reduce((sum, s) => sum + s * s, 0) / all.length
    close(t, mannKendall(x, y).variance, variance)
    t.equal(mannKendall(x, y).s, slowS(x, y))
    t.equal(serialVarianceFactor(-0.5, 100), 1)
    close(t, serialVarianceFactor(0.5, 1000), 3, 2)
  },
)

t.test('Theil–Sen is not moved by an outlier', async (t) => {
  const line = theilSen([0, 1, 2, 3, 4], [1, 3, 5, 7, 100])
  t.equal(line?.slope, 2)
  t.equal(line?.intercept, 1)
  t.equal(theilSen([1, 1], [1, 2]), null)
})

t.test('a trend in 20,000 noisy points is found with its interval', async (t) => {
  const noise = normalNumbers(20_000, 5)
  const x = Float64Array.from(noise.keys())
  const found = monotoneTrend(
    x,
    x.map((at, i) => 0.001 * at + noise[i]!),
  )
  t.ok(found && found.slopeInterval.low < 0.001 && found.slopeInterval.high > 0.001)
  t.ok(found && found.slopeInterval.high - found.slopeInterval.low < 2e-5)
})

t.test('Mann–Kendall keeps its level under serial correlation', async (t) => {
  let rejected = 0
  for (let run = 0; run < 200; run++) {
    let state = 0
    const y = normalNumbers(100, run).map((shock) => (state = 0.6 * state + shock))
    if ((monotoneTrend(Float64Array.from(y.keys()), y)?.pValue ?? 1) < 0.05) rejected++
  }
  t.ok(rejected < 30, `${rejected} of 200 series without trend rejected at 5 %`)
})

t.test('Kruskal–Wallis with and without ties', async (t) => {
  const test = (groups: number[][]) => {
    const groupOf = groups.flatMap((group, g) => group.map(() => g))
    return kruskalWallis(rank(groups.flat()), (position) => groupOf[position]!, groups.length)
  }
  close(
    t,
    test([
      [1, 3, 5, 7, 9],
      [2, 4, 6, 8, 10],
    ])?.h ?? null,
    0.2727272727272734,
  )
  close(
    t,
    test([
      [1, 1, 1],
      [2, 2, 2],
      [2, 2],
    ])?.pValue ?? null,
    0.0301973834223185,
  )
  t.equal(
    test([
      [1, 1],
      [1, 1],
    ]),
    null,
  )
})

t.test('change points: steps are found, slopes and outliers are none', async (t) => {
  const noise = normalNumbers(100, 11)
  const series = (level: (i: number) => number) => noise.map((value, i) => level(i) + value)
  const step = findChangePoints(series((i) => (i < 40 ? 0 : 6)))
  t.equal(step.shape, 'steps')
  t.same(
    step.changePoints.map(({ at }) => at),
    [40],
  )
  t.same(findChangePoints(series((i) => 0.3 * i)), { shape: 'line', changePoints: [] })
  t.same(findChangePoints(series((i) => (i === 50 ? 40 : 0))), { shape: 'constant', changePoints: [] })
  const jump = findChangePoints(series((i) => 0.1 * i + (i < 60 ? 0 : 10)))
  t.equal(jump.shape, 'line with a step')
  t.equal(jump.changePoints[0]?.at, 60)
})

t.test('change points are rare in noise', async (t) => {
  let found = 0
  for (let run = 0; run < 100; run++)
    found += findChangePoints(normalNumbers(80, run)).changePoints.length ? 1 : 0
  t.ok(found <= 8, `${found} of 100`)
})

t.test('shapes of distributions', async (t) => {
  const normal = normalNumbers(400, 21)
  const shape = (values: Float64Array) => numericSummary(values, 0).distribution
  t.equal(shape(normal), 'symmetric')
  t.equal(shape(normal.map(Math.exp)), 'right-skewed')
  t.equal(shape(normal.map((value) => -Math.exp(value))), 'left-skewed')
  t.equal(shape(normal.map((value, i) => value + (i % 2) * 8)), 'bimodal')
  t.equal(shape(normal.map((value, i) => value / Math.abs(normal[(i + 7) % 400]!))), 'heavy-tailed')
  t.equal(shape(normal.map((value) => Math.round(value * 2))), 'symmetric')
  t.equal(shape(new Float64Array(9).fill(3)), 'constant')
  t.equal(shape(Float64Array.of(1, 2)), 'too few values')
})

t.test('dependent columns are refused, not fitted', async (t) => {
  t.equal(
    leastSquares(
      linearDesign([
        [1, 2, 3, 4],
        [2, 4, 6, 8],
      ]),
      [1, 2, 3, 4],
      true,
    ),
    null,
  )
  t.equal(leastSquares(linearDesign([[1], [2]]), [1], true), null)
})

function permutations(values: number[]): number[][] {
  if (values.length < 2) return [values]
  return values.flatMap((value, i) => permutations(values.toSpliced(i, 1)).map((rest) => [value, ...rest]))
}

function slowS(x: number[], y: number[]): number {
  let s = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) s += Math.sign(x[i]! - x[j]!) * Math.sign(y[i]! - y[j]!)
  }
  return s
}
