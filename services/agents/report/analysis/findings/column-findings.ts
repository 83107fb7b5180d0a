import type { CategorySummary, ColumnFinding } from '#schemas/analysis.ts'
import { blockMedians } from '../statistics/median.ts'
import { numericSummary } from '../statistics/numeric-summary.ts'
import { isAscending, rank } from '../statistics/rank.ts'
import type { CategoryColumn, NumericColumn, PreparedTable } from './prepared-table.ts'

const SERIES_POINTS = 400
const TOP_VALUES = 10

/** Describes one column of a table by its index in the source; text and empty columns are listed without a summary. */
export function columnFinding(table: PreparedTable, index: number): ColumnFinding {
  const { name, kind } = table.source.columns[index]!
  const place = { document: table.document, table: table.name, column: name, kind }
  const numeric = nth(table.numeric, table, index)
  if (numeric && numeric.values.length > 0) {
    const series = numeric.role === 'time' ? undefined : seriesOf(table, numeric)
    return { ...place, numeric: numericSummary(numeric.values, numeric.missing), ...(series && { series }) }
  }
  const category = nth(table.categories, table, index)
  return category ? { ...place, category: categorySummary(category) } : place
}

/** Columns of one kind keep their order, so the n-th of them belongs to the n-th such column of the source. */
function nth<C extends NumericColumn | CategoryColumn>(
  prepared: readonly C[],
  table: PreparedTable,
  index: number,
): C | undefined {
  const kinds = new Set(prepared.map(({ kind }) => kind))
  if (!kinds.has(table.source.columns[index]!.kind)) return undefined
  return prepared[table.source.columns.slice(0, index).filter(({ kind }) => kinds.has(kind)).length]
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

/** Points in order of time, or by row number (1-based); joined to medians of neighbours beyond 400. */
function seriesOf(table: PreparedTable, column: NumericColumn): ColumnFinding['series'] {
  const { x, y } = orderedPoints(table, column)
  const points = blockMedians(x, y, SERIES_POINTS)
  return {
    xKind: table.timeMs ? 'time' : 'row',
    points: Array.from(points.x, (at, i): [number, number] => [at, points.y[i]!]),
  }
}

export interface OrderedPoints {
  /** Ascending: Unix milliseconds, or the row number (1-based). */
  x: Float64Array
  y: Float64Array
  /** 0-based row of each point. */
  rows: Uint32Array
}

/** The values of a column in order of the table's time, rows without a time left out; else in row order. */
export function orderedPoints({ timeMs }: PreparedTable, { values, rows }: NumericColumn): OrderedPoints {
  const count = rows.length
  const x = new Float64Array(count)
  if (!timeMs) {
    for (let i = 0; i < count; i++) x[i] = rows[i]! + 1
    return { x, y: values, rows }
  }
  const y = new Float64Array(count)
  const timedRows = new Uint32Array(count)
  let timed = 0
  for (let i = 0; i < count; i++) {
    const at = timeMs[rows[i]!]!
    if (!Number.isFinite(at)) continue
    x[timed] = at
    y[timed] = values[i]!
    timedRows[timed++] = rows[i]!
  }
  return inOrderOfX({ x: x.slice(0, timed), y: y.slice(0, timed), rows: timedRows.slice(0, timed) })
}

function inOrderOfX(points: OrderedPoints): OrderedPoints {
  if (isAscending(points.x)) return points
  const { order } = rank(points.x)
  return {
    x: points.x.map((_, i) => points.x[order[i]!]!),
    y: points.y.map((_, i) => points.y[order[i]!]!),
    rows: points.rows.map((_, i) => points.rows[order[i]!]!),
  }
}
