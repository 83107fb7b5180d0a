import { median, medianAbsoluteDeviation, sortedCopy } from '#platform/statistics/median.ts'
import type { Anomaly, NumericSummary } from '#schemas/analysis.ts'
import type { WholeColumn } from '#schemas/document.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { timeLabel } from '../../structure/time-label.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { heaviestStudentFit, studentExceedance } from '../statistics/student-fit.ts'
import type { AnomalyFindings } from './anomaly-findings.ts'

const NOTHING: AnomalyFindings = { anomalies: [], pValue: 1 }
const MIN_VALUES = 200
const MAD_TO_SD = 1.4826
const ALPHA = 0.05
/** Exceptions of a tail; what is more is a part of the distribution. */
const MAX_OUTLIERS = 5
/** Every so-manieth value is looked at when a distribution is fitted. */
const MAX_FITTED = 2_000

/**
 * Values of all rows that lie beyond the tails of the others, where a table holds a sample only: the extremes of the whole file against
 * the heaviest Student t that the sample allows, with Bonferroni over all its rows. Right-skewed positive columns are judged by their
 * logarithms; of what is skewed otherwise nothing is told.
 */
export function wholeAnomalies(
  table: PreparedTable,
  column: NumericColumn,
  summary: NumericSummary,
): AnomalyFindings {
  const index = table.columns.findIndex(({ name }) => name === column.name)
  const whole = table.source.whole?.columns[index]?.numeric
  if (!whole || column.role !== 'measure' || column.values.length < MIN_VALUES) return NOTHING
  if (!hasOrdinaryMagnitude(column.values)) return NOTHING
  const isLogarithmic = summary.distribution === 'right-skewed' && summary.min > 0
  const judged = (value: number) => (isLogarithmic ? Math.log(value) : value)
  const values = column.values.map(judged)
  const centre = median(values)
  const sigma = MAD_TO_SD * medianAbsoluteDeviation(values, centre)
  if (!(sigma > 0) || !isSymmetric(values, centre)) return NOTHING
  const extremes = extremesOf(whole)
    .map((extreme) => ({ ...extreme, distance: Math.abs(judged(extreme.value) - centre) }))
    .sort((a, b) => b.distance - a.distance)
    .slice(0, MAX_OUTLIERS)
  const { count, pValue } = apart(
    extremes.map(({ distance }) => distance),
    {
      distances: sortedCopy(values.map((value) => Math.abs(value - centre))),
      rows: whole.count,
    },
  )
  if (pValue > ALPHA) return { anomalies: [], pValue }
  const reach = Math.sqrt(2 * Math.log(whole.count / 0.05)) * sigma
  const back = (value: number) => (isLogarithmic ? Math.exp(value) : value)
  const anomalies = extremes.slice(0, count).map(
    ({ row, value, atMs }): Anomaly => ({
      document: table.document,
      table: table.name,
      column: column.name,
      row,
      value,
      ...(atMs !== undefined && { label: timeLabel(atMs, table.axis?.granularity ?? 'time') }),
      zScore: summary.stdDev > 0 ? (value - summary.mean) / summary.stdDev : 0,
      robustZ: summary.mad > 0 ? (value - summary.median) / (MAD_TO_SD * summary.mad) : null,
      expected: { low: back(centre - reach), high: back(centre + reach) },
      methods: ['median absolute deviation'],
    }),
  )
  return { anomalies, pValue }
}

type Numeric = NonNullable<WholeColumn['numeric']>

function extremesOf({ lowest, highest }: Numeric): Numeric['lowest'] {
  return [...new Map([...lowest, ...highest].map((extreme) => [extreme.row, extreme])).values()]
}

/** Of how many extremes, farthest first, the rest allows least. */
function apart(
  extremes: readonly number[],
  { distances, rows }: { distances: Float64Array; rows: number },
): { count: number; pValue: number } {
  let best = { count: 0, pValue: 1 }
  for (let count = 1; count <= extremes.length; count++) {
    const rest = distances.filter((distance) => distance < extremes[count - 1]!)
    const every = Math.ceil(rest.length / MAX_FITTED)
    const fit = heaviestStudentFit(rest.filter((_, k) => k % every === 0))
    const pValue = Math.min(1, studentExceedance(extremes[count - 1]!, fit) * rows * 2 ** count)
    if (pValue < best.pValue) best = { count, pValue }
  }
  return best
}

/** The longer of both sides, from the median to the 5th and 95th percentile, to the shorter. */
const MAX_ASYMMETRY = 1.67

function isSymmetric(values: Float64Array, centre: number): boolean {
  if (new Set(values).size < values.length / 10) return false
  const sorted = sortedCopy(values)
  const edge = Math.floor(0.05 * sorted.length)
  const [low, high] = [centre - sorted[edge]!, sorted[sorted.length - 1 - edge]! - centre]
  return Math.max(low, high) <= MAX_ASYMMETRY * Math.min(low, high)
}
