import t from 'tap'
import { seasonalDecomposition } from '../../../../../services/agents/report/analysis/statistics/seasonal-decomposition.ts'

/** A bent trend, a year of twelve, something that comes again every 13 values, and one value far out. */
const SERIES = Float64Array.from(
  { length: 60 },
  (_, i) =>
    10 +
    0.1 * i +
    0.002 * i * i +
    5 * Math.sin((2 * Math.PI * i) / 12) +
    ((i * 7919) % 13) / 3 +
    (i === 30 ? 40 : 0),
)
/** Position, trend, season. */
type Known = readonly (readonly [number, number, number])[]

/** statsmodels 0.15: `STL(y, period=12, robust=True).fit()`. */
const ROBUST: Known = [
  [0, 11.688395034681875, -1.6496522881096254],
  [7, 12.753402565731674, -4.089376722542298],
  [30, 16.875646190850805, 0.7924168257600241],
  [45, 20.373841046663017, -3.098173787020192],
  [59, 23.6571488160433, -3.213479995773221],
]
/** `STL(y, period=7, seasonal=13, seasonal_jump=3, trend_jump=2, low_pass_jump=2, robust=False).fit()`. */
const PLAIN: Known = [
  [0, 16.441300731445992, -4.345671520381573],
  [7, 11.94276845176279, -3.7042654952622986],
  [29, 23.03790272483893, -0.7805484599280408],
  [30, 22.644451725213404, 5.114609391886649],
  [59, 18.49626104969789, 0.7382601820410821],
]

t.test('the numbers of statsmodels, to 12 digits', async (t) => {
  const same = (known: Known, found: { trend: Float64Array; season: Float64Array }) => {
    for (const [i, trend, season] of known) {
      t.ok(Math.abs(found.trend[i]! - trend) < 1e-12 * 40, `trend ${i}: ${found.trend[i]}`)
      t.ok(Math.abs(found.season[i]! - season) < 1e-12 * 40, `season ${i}: ${found.season[i]}`)
    }
  }
  same(ROBUST, seasonalDecomposition(SERIES, { period: 12 }))
  same(
    PLAIN,
    seasonalDecomposition(SERIES, {
      period: 7,
      seasonal: 13,
      jumps: { seasonal: 3, trend: 2, lowPass: 2 },
      inner: 5,
      outer: 0,
    }),
  )
})

t.test('a value far out counts for nothing', async (t) => {
  const { weights, trend, season } = seasonalDecomposition(SERIES, { period: 12 })
  t.equal(weights[30], 0)
  t.ok(Math.abs(SERIES[30]! - trend[30]! - season[30]! - 40) < 4)
})
