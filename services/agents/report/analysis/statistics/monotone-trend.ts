import { blockMedians } from '#platform/statistics/median.ts'
import { mannKendall, serialVarianceFactor } from './mann-kendall.ts'
import { moments } from './moments.ts'
import { theilSen } from './theil-sen.ts'

export interface MonotoneTrend {
  /** Theil–Sen, per unit of x. */
  slope: number
  /** At x = 0. */
  intercept: number
  slopeInterval: { low: number; high: number }
  tau: number
  /** Mann–Kendall, two-sided, corrected for ties and serial correlation. */
  pValue: number
  /** Lag 1, of the residuals without their bend; null when there are none. */
  residualAutocorrelation: number | null
}

/** Pairs grow with the square: 1,500 points have 1.1 million slopes. */
const EXACT_UP_TO = 1_500
const BLOCKS = 500

/**
 * Theil–Sen line with Mann–Kendall's test. All slopes up to 1,500 points; above, the line and its interval are those
 * of 500 block medians, while the test still sees every point. Serial correlation of the residuals widens both.
 *
 * @param x ascending, at least 3 points
 * @returns null when there are fewer, or all x are equal.
 */
export function monotoneTrend(x: Float64Array, y: Float64Array): MonotoneTrend | null {
  if (x.length < 3) return null
  const points = x.length <= EXACT_UP_TO ? { x, y } : blockMedians(x, y, BLOCKS)
  const line = theilSen(points.x, points.y)
  if (!line) return null
  const { slope, intercept } = line
  const autocorrelation = moments(withoutBend(x, residuals(x, y, line))).autocorrelation
  const test = mannKendall(x, y, serialVarianceFactor(autocorrelation ?? 0, x.length))
  return {
    slope,
    intercept,
    slopeInterval: line.interval(points.x === x ? test.variance : varianceFor(points, line)),
    tau: test.tau,
    pValue: test.pValue,
    residualAutocorrelation: autocorrelation,
  }
}

function varianceFor(points: { x: Float64Array; y: Float64Array }, line: StraightLine): number {
  const autocorrelation =
    moments(withoutBend(points.x, residuals(points.x, points.y, line))).autocorrelation ?? 0
  return mannKendall(points.x, points.y, serialVarianceFactor(autocorrelation, points.x.length)).variance
}

export interface StraightLine {
  slope: number
  /** At x = 0. */
  intercept: number
}

/** y minus the line. */
export function residuals(x: Float64Array, y: Float64Array, line: StraightLine): Float64Array {
  return y.map((value, i) => value - (line.intercept + line.slope * x[i]!))
}

/**
 * Residuals without their quadratic part. A series that rises ever faster has residuals in a long arc; taken for serial
 * correlation it would make the surest trends uncertain, when it says the opposite of chance.
 */
function withoutBend(x: Float64Array, residual: Float64Array): Float64Array {
  const n = x.length
  const middle = (x[0]! + x[n - 1]!) / 2
  const half = (x[n - 1]! - x[0]!) / 2
  if (n < 8 || !(half > 0)) return residual
  // x on −1 to 1, and its square made orthogonal to 1 and to x.
  const u = x.map((value) => (value - middle) / half)
  const squares = u.map((value) => value * value)
  const meanU = moments(u).mean
  const meanSquares = moments(squares).mean
  let covariance = 0
  let variance = 0
  for (let i = 0; i < n; i++) {
    covariance += (u[i]! - meanU) * (squares[i]! - meanSquares)
    variance += (u[i]! - meanU) ** 2
  }
  const bend = squares.map((value, i) => value - meanSquares - (covariance / variance) * (u[i]! - meanU))
  let along = 0
  let length = 0
  for (let i = 0; i < n; i++) {
    along += residual[i]! * bend[i]!
    length += bend[i]! ** 2
  }
  if (!(length > 0) || !Number.isFinite(along)) return residual
  return residual.map((value, i) => value - (along / length) * bend[i]!)
}
