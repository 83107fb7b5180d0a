import { percentile } from '#platform/statistics/percentile.ts'
import type { Correlation } from '#schemas/analysis.ts'
import { holm, spearman, spearmanPValue } from '../statistics/correlation.ts'
import { kruskalWallis } from '../statistics/kruskal-wallis.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { type PairableColumn, pairableColumn, pairedCoefficients } from '../statistics/paired-coefficients.ts'
import { rankInOrder } from '../statistics/rank.ts'
import type { CategoryColumn, NumericColumn, PreparedTable } from './prepared-table.ts'
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

const MIN_GROUP = 5
const MAX_GROUPS = 20

/** A measure whose level differs between the groups of a category. */
export interface GroupDifference {
  category: string
  measure: string
  h: number
  /** After Holm's correction over all comparisons of the table. */
  pValue: number
  etaSquared: number
  /** By median, highest first. */
  groups: { name: string; count: number; median: number }[]
}

/** Compares every measure between the groups (of at least 5 values, at most 20 groups) of every category; pauses after each category. */
export function* differenceFindings(table: PreparedTable): Generator<void, GroupDifference[]> {
  const measures = table.numeric.filter(
    ({ role, values }) => role === 'measure' && hasOrdinaryMagnitude(values),
  )
  const found: GroupDifference[] = []
  for (const category of differentPartitions(table.categories)) {
    found.push(...measures.flatMap((measure) => compare(category, measure) ?? []))
    yield
  }
  const corrected = holm(found.map(({ pValue }) => pValue))
  return found.map((difference, i) => ({ ...difference, pValue: corrected[i]! }))
}

/** A code and its name group rows alike: only the first of such columns is compared. */
function differentPartitions(categories: readonly CategoryColumn[]): CategoryColumn[] {
  const seen = new Set<string>()
  return categories.filter(({ names, groups }) => {
    if (names.length < 2 || names.length > MAX_GROUPS) return false
    const renumbered = new Map<number, number>([[-1, -1]])
    const key = Array.from(groups, (group) => {
      if (!renumbered.has(group)) renumbered.set(group, renumbered.size)
      return renumbered.get(group)!
    }).join()
    return seen.has(key) ? false : seen.add(key)
  })
}

function compare(category: CategoryColumn, measure: NumericColumn): GroupDifference | null {
  const { values, rows } = measure
  const sizes = new Uint32Array(category.names.length)
  for (const row of rows) if (category.groups[row]! >= 0) sizes[category.groups[row]!]! += 1
  const kept = [...category.names.keys()].filter((group) => sizes[group]! >= MIN_GROUP)
  const numberOf = new Int32Array(category.names.length).fill(-1)
  kept.forEach((group, i) => {
    numberOf[group] = i
  })
  const groupOf = (position: number) => {
    const group = category.groups[rows[position]!]!
    return group < 0 ? -1 : numberOf[group]!
  }
  const { order } = measure.ranking()
  const taking = order.filter((position) => groupOf(position) >= 0)
  const test = kruskalWallis(rankInOrder(values, taking), groupOf, kept.length)
  if (!test) return null
  const members = kept.map((group) => ({ group, values: new Float64Array(sizes[group]!), filled: 0 }))
  for (const position of taking) {
    const member = members[groupOf(position)]!
    member.values[member.filled++] = values[position]!
  }
  const groups = members
    .map(({ group, values }) => ({
      name: category.names[group]!,
      count: values.length,
      // Filled in ascending order.
      median: percentile(values, 0.5),
    }))
    .sort((a, b) => b.median - a.median)
  return { category: category.name, measure: measure.name, ...test, groups }
}
