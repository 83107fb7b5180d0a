import { MAD_TO_SD, median, medianAbsoluteDeviation } from '#platform/statistics/median.ts'
import type { Anomaly } from '#schemas/analysis.ts'
import type { WholeColumn } from '#schemas/document.ts'
import type { PreparedTable } from '../../structure/prepared-table.ts'
import { timeLabel } from '../../structure/time-label.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { outliersByScale, sampledTail, type TailOutliers } from '../statistics/tail-outliers.ts'
import type { AnomalyFindings, ColumnCourse } from './anomaly-findings.ts'

const MIN_VALUES = 200
const ALPHA = 0.05

type Extreme = NonNullable<WholeColumn['numeric']>['lowest'][number]

/** A column of a sample with the extremes of all rows, as they are judged. */
interface Spread {
  about: ColumnCourse
  /** Values of the sample around their median: themselves or their logarithms. */
  residuals: Float64Array
  centre: number
  sigma: number
  extremes: Extreme[]
  /** Of the extremes, around the same median. */
  distances: Float64Array
  rows: number
  isLogarithmic: boolean
  back(value: number): number
}

/**
 * Values of all rows that lie beyond the tails of the others, where a table holds a sample only: the extremes of the whole file against
 * the tails that the sample has, over all its rows. Right-skewed positive columns are judged by their logarithms.
 */
export function wholeAnomalies(table: PreparedTable, columns: readonly ColumnCourse[]): AnomalyFindings[] {
  const spreads = columns.map((about) => spreadOf(table, about))
  const tails = spreads.map((spread) =>
    spread
      ? sampledTail(spread.residuals, { extremes: spread.distances, rows: spread.rows })
      : { candidates: [], alone: [] },
  )
  const logarithmic = spreads.map((spread) => spread?.isLogarithmic ?? false)
  return outliersByScale(tails, logarithmic).map((outliers, i) => {
    const spread = spreads[i]
    return {
      column: columns[i]!.column.name,
      anomalies: spread ? anomaliesOf(table, spread, outliers) : [],
      pValue: Math.min(1, ...outliers.map(({ pValue }) => pValue)),
    }
  })
}

function spreadOf(table: PreparedTable, about: ColumnCourse): Spread | undefined {
  const { column, summary } = about
  const index = table.columns.findIndex(({ name }) => name === column.name)
  const whole = table.source.whole?.columns[index]?.numeric
  if (!whole || column.role !== 'measure' || column.values.length < MIN_VALUES) return undefined
  if (!hasOrdinaryMagnitude(column.values)) return undefined
  const isLogarithmic = summary.distribution === 'right-skewed' && whole.min > 0
  const judged = (value: number) => (isLogarithmic ? Math.log(value) : value)
  const values = column.values.map(judged)
  const centre = median(values)
  const residuals = values.map((value) => value - centre)
  const sigma = MAD_TO_SD * medianAbsoluteDeviation(residuals, 0)
  if (!(sigma > 0)) return undefined
  const extremes = [...new Map([...whole.lowest, ...whole.highest].map((one) => [one.row, one])).values()]
  return {
    about,
    residuals,
    centre,
    sigma,
    extremes,
    distances: Float64Array.from(extremes, ({ value }) => judged(value) - centre),
    rows: whole.count,
    isLogarithmic,
    back: (value) => (isLogarithmic ? Math.exp(value) : value),
  }
}

function anomaliesOf(table: PreparedTable, spread: Spread, outliers: readonly TailOutliers[]): Anomaly[] {
  const { about, centre, sigma, extremes, distances, rows, back } = spread
  const { column, summary } = about
  const reach = Math.sqrt(2 * Math.log(rows / 0.05)) * sigma
  return outliers
    .flatMap(({ indexes, pValue }) => (pValue <= ALPHA ? indexes : []))
    .filter((i) => Math.abs(distances[i]!) > reach)
    .sort((i, j) => Math.abs(distances[j]!) - Math.abs(distances[i]!))
    .map((i) => {
      const { row, value, atMs } = extremes[i]!
      return {
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
      }
    })
}
