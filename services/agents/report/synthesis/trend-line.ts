import type { Trend } from '#schemas/analysis.ts'
import type { ReportTrend, Series } from '#schemas/report.ts'

const DAY_MS = 86_400_000

type Point = [number, number]

/**
 * Where the line of a trend lies on its series: the slope through the median offset, and the two ends of the slope's
 * interval turned about the middle. Null where slope and series count in different units.
 */
export function trendLine(trend: Trend, series: Series | undefined): ReportTrend['line'] {
  if (!series || series.points.length < 2) return null
  if ((trend.slopeUnit === 'day') !== (series.xKind === 'time')) return null
  const perX = trend.slopeUnit === 'day' ? DAY_MS : 1
  const xs = series.points.map(([x]) => x)
  const first = Math.min(...xs)
  const last = Math.max(...xs)
  const middle = median(xs)
  // Offsets are taken from the middle: Unix milliseconds times a slope would lose digits.
  const level = median(series.points.map(([x, y]) => y - (trend.slope / perX) * (x - middle)))
  const through = (slope: number): Point[] =>
    [first, last].map((x): Point => [x, level + (slope / perX) * (x - middle)])
  const line = {
    fitted: through(trend.slope),
    low: through(trend.slopeInterval.low),
    high: through(trend.slopeInterval.high),
  }
  return Object.values(line).flat(2).every(Number.isFinite) ? line : null
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
