import { blockMedians } from '#platform/statistics/median.ts'
import type { CategorySummary, ColumnFinding } from '#schemas/analysis.ts'
import { orderedPoints } from '../../structure/ordered-points.ts'
import type { CategoryColumn, NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { numericSummary } from '../statistics/numeric-summary.ts'
import { pointsToEnds } from './points-to-ends.ts'
import { wholeCategory, wholeColumn, wholeSummary } from './whole-columns.ts'

export { type OrderedPoints, orderedPoints } from '../../structure/ordered-points.ts'

const SERIES_POINTS = 400
const TOP_VALUES = 10

/**
 * Describes one column of a table by its index in the source; text and empty columns are listed without a summary.
 *
 * @param courses where its course in time is drawn from, when that is another table
 */
export function columnFinding(table: PreparedTable, index: number, courses = table): ColumnFinding {
  const { name, kind, role, missing, derivedFrom, numeric, category } = table.columns[index]!
  const unit = table.source.columns[index]!.unit
  const whole = wholeColumn(table, index)
  const base: ColumnFinding = {
    document: table.document,
    table: table.name,
    column: name,
    kind,
    role,
    ...(unit !== undefined && { unit }),
    rows: table.source.whole?.rows ?? table.rows,
    missing: whole?.missing ?? missing,
    ...(derivedFrom && { derivedFrom }),
  }
  if (numeric && numeric.values.length > 0) {
    const drawn = courses === table ? numeric : courses.numeric.find((column) => column.name === name)
    const series = numeric.role === 'time' || !drawn ? undefined : seriesOf(courses, drawn)
    const summary = numericSummary(numeric.values, numeric.missing, numeric.sorted())
    return { ...base, numeric: whole ? wholeSummary(summary, whole) : summary, ...(series && { series }) }
  }
  if (!category) return base
  const summary = categorySummary(category)
  return { ...base, category: whole ? wholeCategory(summary, whole, base.rows!) : summary }
}

/** Counts, the ten most frequent values, and evenness: Shannon entropy over the logarithm of the distinct count. */
export function categorySummary({ names, counts, missing }: CategoryColumn): CategorySummary {
  const count = counts.reduce((sum, n) => sum + n, 0)
  const entropy = counts.reduce((sum, n) => sum - (n / count) * Math.log(n / count), 0)
  return {
    count,
    missing,
    distinct: names.length,
    top: names
      .slice(0, TOP_VALUES)
      .map((value, i) => ({ value, count: counts[i]!, share: counts[i]! / count })),
    evenness: names.length < 2 ? 0 : Math.max(0, Math.min(1, entropy / Math.log(names.length))),
  }
}

/** Points along the table's axis, joined to medians of neighbours beyond 400; none where rows have no order, and none of a panel. */
function seriesOf(table: PreparedTable, column: NumericColumn): ColumnFinding['series'] {
  const { x, y } = orderedPoints(table, column)
  if (x.length === 0) return undefined
  const points = blockMedians(x, y, SERIES_POINTS)
  return {
    xKind: table.timeMs ? 'time' : 'row',
    points: pointsToEnds(points, x),
  }
}
