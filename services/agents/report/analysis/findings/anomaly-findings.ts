import { MAD_TO_SD, median, medianAbsoluteDeviation } from '#platform/statistics/median.ts'
import type { Anomaly, NumericSummary } from '#schemas/analysis.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import {
  type ColumnTail,
  columnTail,
  outliersByScale,
  type TailOutliers,
} from '../statistics/tail-outliers.ts'
import type { TrendFinding } from './trend-findings.ts'

const MIN_VALUES = 8
const Z_LIMIT = 3
/** Iglewicz & Hoaglin (1993). */
const ROBUST_LIMIT = 3.5
/** The same for the mean absolute deviation, used where more than half of the values are equal. */
const MEAN_AD_TO_SD = 1.2533
const ALPHA = 0.05
/** Relative to the largest value: spread below this is arithmetic, not data. */
const ROUNDING = 1e-9
const MAX_A_COLUMN = 20

/**
 * Values far from what is ordinary at their place: the median, or the line or level of the trend, so that a rise is no
 * row of anomalies, and only where its tail does not lead there: see `tailOutliers`. Distance is by scaled MAD of these residuals; right-skewed positive columns are judged by their
 * logarithms. The limit is 3.5 and grows with n, so that 100,000 normal values give about none. Each anomaly lists the
 * methods that agree. Pauses after each column.
 */
export function* anomalyFindings(
  table: PreparedTable,
  columns: readonly ColumnCourse[],
): Generator<void, AnomalyFindings[]> {
  const tails: ColumnTail[] = []
  const logarithmic: boolean[] = []
  for (const about of columns) {
    const spread = spreadAround(about)
    tails.push(spread ? columnTail(spread.residuals) : NO_TAIL)
    logarithmic.push(spread?.basis.isLogarithmic ?? false)
    yield
  }
  return outliersByScale(tails, logarithmic).map((outliers, i) => {
    const about = columns[i]!
    return {
      column: about.column.name,
      anomalies: anomaliesOf(table, about, outliers),
      pValue: Math.min(1, ...outliers.map(({ pValue }) => pValue)),
    }
  })
}

/** A column and what is known of it. */
export interface ColumnCourse {
  column: NumericColumn
  summary: NumericSummary
  trend: TrendFinding | null
}

/** What stands apart in a column. */
export interface AnomalyFindings {
  column: string
  anomalies: Anomaly[]
  /** Raw: that the tails would hold values so far out by chance; 1 where nothing was tested. */
  pValue: number
}

const NO_TAIL: ColumnTail = { candidates: [], alone: [] }

interface Spread {
  basis: Basis
  residuals: Float64Array
  sigma: number
}

/** Null where nothing can be told apart: other columns than measures, few values, an exact line of which only rounding is left. */
function spreadAround({ column, summary, trend }: ColumnCourse): Spread | null {
  const { values } = column
  if (column.role !== 'measure' || values.length < MIN_VALUES || !hasOrdinaryMagnitude(values)) return null
  const basis = basisFor(column, summary, trend)
  const residuals = basis.values.map((value, i) => value - basis.expected[i]!)
  const sigma = spreadOf(residuals)
  const magnitude = basis.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  return sigma <= ROUNDING * magnitude ? null : { basis, residuals, sigma }
}

function anomaliesOf(
  table: PreparedTable,
  about: ColumnCourse,
  outliers: readonly TailOutliers[],
): Anomaly[] {
  const apart = outliers.flatMap(({ pValue, indexes }) => (pValue <= ALPHA ? indexes : []))
  const spread = apart.length > 0 ? spreadAround(about) : null
  if (!spread) return []
  const { basis, residuals, sigma } = spread
  const limit = Math.max(ROBUST_LIMIT, Math.sqrt(2 * Math.log(residuals.length / 0.05)))
  return apart
    .filter((i) => Math.abs(residuals[i]!) > limit * sigma)
    .sort((i, j) => Math.abs(residuals[j]!) - Math.abs(residuals[i]!))
    .slice(0, MAX_A_COLUMN)
    .map((i) => {
      const row = basis.rows[i]!
      const value = basis.original[i]!
      const label = table.labelOf(row)
      const scores = scoresOf(value, about.summary)
      return {
        document: table.document,
        table: table.name,
        column: about.column.name,
        row: row + 1,
        value,
        ...(label !== undefined && { label }),
        ...scores,
        expected: {
          low: basis.back(basis.expected[i]! - limit * sigma),
          high: basis.back(basis.expected[i]! + limit * sigma),
        },
        methods: methodsOf(scores, basis.followsTrend),
      }
    })
}

interface Basis {
  /** As they stand in the table. */
  original: Float64Array
  /** As they are judged: themselves or their logarithms. */
  values: Float64Array
  expected: Float64Array
  /** 0-based row of each value. */
  rows: Uint32Array
  followsTrend: boolean
  isLogarithmic: boolean
  /** From what is judged to what stands in the table. */
  back(value: number): number
}

function basisFor(column: NumericColumn, summary: NumericSummary, trend: TrendFinding | null): Basis {
  const identity = (value: number) => value
  if (trend && (trend.shape !== 'constant' || trend.isSeasonal)) {
    const { points, expected, isRelative } = trend
    return {
      original: points.y,
      values: isRelative ? points.y.map(Math.log) : points.y,
      expected,
      rows: points.rows,
      followsTrend: true,
      isLogarithmic: isRelative,
      back: isRelative ? Math.exp : identity,
    }
  }
  const logarithmic = summary.distribution === 'right-skewed' && summary.min > 0
  const values = logarithmic ? column.values.map(Math.log) : column.values
  const expected = new Float64Array(values.length).fill(logarithmic ? median(values) : summary.median)
  const back = logarithmic ? Math.exp : identity
  return {
    original: column.values,
    values,
    expected,
    rows: column.rows,
    followsTrend: false,
    isLogarithmic: logarithmic,
    back,
  }
}

function spreadOf(residuals: Float64Array): number {
  const mad = medianAbsoluteDeviation(residuals, 0)
  if (mad > 0) return MAD_TO_SD * mad
  const meanDeviation = residuals.reduce((sum, residual) => sum + Math.abs(residual), 0) / residuals.length
  return MEAN_AD_TO_SD * meanDeviation
}

function scoresOf(value: number, { mean, stdDev, median, mad }: NumericSummary) {
  return {
    zScore: stdDev > 0 ? (value - mean) / stdDev : 0,
    robustZ: mad > 0 ? (value - median) / (MAD_TO_SD * mad) : null,
  }
}

/** What decided comes first; the others where they agree. */
function methodsOf(
  { zScore, robustZ }: Pick<Anomaly, 'zScore' | 'robustZ'>,
  followsTrend: boolean,
): Anomaly['methods'] {
  const methods: Anomaly['methods'] = followsTrend ? ['residual of the trend'] : []
  if (!followsTrend || Math.abs(robustZ ?? 0) > ROBUST_LIMIT) methods.push('median absolute deviation')
  if (Math.abs(zScore) > Z_LIMIT) methods.push('z-score')
  return methods
}
