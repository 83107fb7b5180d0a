import type { ColumnFinding } from '#schemas/analysis.ts'
import type { StatedPeriod } from './claim-periods.ts'

/** What the values of a column in a period come to. */
export interface PeriodValues {
  count: number
  mean: number
  median: number
  total: number
  min: number
  max: number
  /** In time. */
  first: number
  last: number
  /** The steps of the series: `monthly`; undefined where they are uneven. */
  cadence: string | undefined
}

const DAY_MS = 86_400_000
/** Steps of the series by which a period may reach beyond it: the last month is stamped with its first day. */
const MARGIN_STEPS = 1.5
/** Days between neighbours, from and to, of each cadence. */
const CADENCES: readonly (readonly [string, number, number])[] = [
  ['daily', 0.9, 1.1],
  ['weekly', 6.5, 7.5],
  ['monthly', 27, 32],
  ['quarterly', 88, 93],
  ['yearly', 360, 370],
]

/**
 * The values of a period; of all rows without one. Undefined where they are not known one by one: in a thinned series, in
 * one with several values at a moment (a panel), and where the period lies outside of the data in part.
 */
export function valuesIn(column: ColumnFinding, period: StatedPeriod | undefined): PeriodValues | undefined {
  const { numeric, series } = column
  if (!numeric) return undefined
  const isTimed = series?.xKind === 'time' && series.points.length === numeric.count
  const points = isTimed ? series.points : []
  const isPanel = points.some(([x], i) => i > 0 && x === points[i - 1]![0])
  if (isPanel) return undefined
  const cadence = isTimed ? cadenceOf(points.map(([x]) => x)) : undefined
  if (!period?.range) {
    const { count, mean, median, min, max } = numeric
    const [first, last] = [points[0]?.[1] ?? Number.NaN, points.at(-1)?.[1] ?? Number.NaN]
    return { count, mean, median, min, max, total: mean * count, first, last, cadence }
  }
  if (!isTimed || points.length === 0 || !isInside(period, points)) return undefined
  const { fromMs, toMs } = period.range
  const values = points.filter(([x]) => x >= fromMs && x < toMs).map(([, y]) => y)
  return values.length === 0 ? undefined : { ...aggregate(values), cadence }
}

/** A period that begins before the data, or ends after them, speaks of values that are not there. */
function isInside({ range, isOpen }: StatedPeriod, points: readonly (readonly [number, number])[]): boolean {
  const [first, last] = [points[0]![0], points.at(-1)![0]]
  const step = points.length > 1 ? (last - first) / (points.length - 1) : 0
  const { fromMs, toMs } = range!
  return fromMs >= first - MARGIN_STEPS * step && (isOpen || toMs <= last + MARGIN_STEPS * step)
}

function cadenceOf(times: readonly number[]): string | undefined {
  const gaps = times.slice(1).map((time, i) => (time - times[i]!) / DAY_MS)
  if (gaps.length === 0) return undefined
  const [cadence] = CADENCES.find(([, from, to]) => gaps.every((gap) => gap >= from && gap <= to)) ?? []
  return cadence
}

function aggregate(values: readonly number[]): Omit<PeriodValues, 'cadence'> {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const total = values.reduce((sum, value) => sum + value, 0)
  return {
    count: values.length,
    mean: total / values.length,
    median: sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2,
    total,
    min: sorted[0]!,
    max: sorted.at(-1)!,
    first: values[0]!,
    last: values.at(-1)!,
  }
}
