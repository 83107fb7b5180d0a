import type { Correlation } from '#schemas/analysis.ts'
import { holm, spearman, spearmanPValue } from '../statistics/correlation.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { type PairableColumn, pairableColumn, pairedCoefficients } from '../statistics/paired-coefficients.ts'
import type { NumericColumn, PreparedTable } from './prepared-table.ts'
import type { TrendFinding } from './trend-findings.ts'

const MIN_PAIRS = 5
/** Pairs grow with the square: the first 60 measures give 1,770. */
const MAX_COLUMNS = 60

export interface CorrelationFinding {
  correlation: Correlation
  /** Spearman's coefficient of what the trends leave, when both columns have one; else null. */
  withoutTrend: number | null
}

/**
 * Pearson and Spearman for every pair of measures over the rows that have both, p after Holm's correction over the
 * table. Sorting is done once a column, so a pair costs O(n). Pauses after each column.
 */
export function* correlationFindings(
  table: PreparedTable,
  trends: ReadonlyMap<string, TrendFinding>,
): Generator<void, CorrelationFinding[]> {
  const sides = table.numeric
    .filter(
      ({ role, values }) => role === 'measure' && values.length >= MIN_PAIRS && hasOrdinaryMagnitude(values),
    )
    .slice(0, MAX_COLUMNS)
    .map((column) => sideOf(column, table.rows))
  const found: CorrelationFinding[] = []
  for (const [i, a] of sides.entries()) {
    for (const b of sides.slice(i + 1)) {
      const coefficients = pairedCoefficients(a.paired, b.paired)
      if (!coefficients || coefficients.n < MIN_PAIRS) continue
      const { n, spearman } = coefficients
      const names = { document: table.document, table: table.name, a: a.name, b: b.name }
      found.push({
        correlation: { ...names, ...coefficients, pValue: spearmanPValue(spearman, n) },
        withoutTrend: withoutTrend(trends.get(a.name), trends.get(b.name)),
      })
    }
    yield
  }
  const corrected = holm(found.map(({ correlation }) => correlation.pValue))
  return found.map((finding, i) => ({
    ...finding,
    correlation: { ...finding.correlation, pValue: corrected[i]! },
  }))
}

function sideOf(column: NumericColumn, rows: number): { name: string; paired: PairableColumn } {
  const byRow = new Float64Array(rows).fill(Number.NaN)
  column.rows.forEach((row, i) => {
    byRow[row] = column.values[i]!
  })
  const order = column.ranking().order.map((position) => column.rows[position]!)
  return { name: column.name, paired: pairableColumn(byRow, order) }
}

/** Columns that both go with time correlate whatever they measure: this asks whether their deviations do. */
function withoutTrend(a: TrendFinding | undefined, b: TrendFinding | undefined): number | null {
  if (!a || !b || a.shape === 'constant' || b.shape === 'constant') return null
  const left = new Map(Array.from(a.points.rows, (row, i) => [row, a.points.y[i]! - a.expected[i]!] as const))
  const pairs = Array.from(
    b.points.rows,
    (row, i) => [left.get(row), b.points.y[i]! - b.expected[i]!] as const,
  )
  const both = pairs.filter((pair): pair is readonly [number, number] => pair[0] !== undefined)
  if (both.length < MIN_PAIRS) return null
  return spearman(
    both.map(([x]) => x),
    both.map(([, y]) => y),
  )
}
