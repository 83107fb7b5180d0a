import { median } from '#platform/statistics/median.ts'
import { isAscending, rank } from '#platform/statistics/rank.ts'
import type { NumericColumn } from './numeric-column.ts'
import type { PanelEntities } from './panel-entities.ts'
import type { RowAxis } from './row-axis.ts'

export interface OrderedPoints {
  /** Ascending: Unix milliseconds, or the position in order of a step (1-based). */
  x: Float64Array
  y: Float64Array
  /** 0-based row of each point. */
  rows: Uint32Array
}

/** The part of a prepared table that tells the order of its rows. */
export interface OrderedTable {
  axis: RowAxis | null
  entities: PanelEntities | null
}

const NO_POINTS: OrderedPoints = { x: new Float64Array(), y: new Float64Array(), rows: new Uint32Array() }

/**
 * The values of a column in order of the table's axis, rows without a place on it left out. None where rows have no order
 * (a cross-section), and none of a panel, whose series must not be mixed: see `entityPoints` and `jointPoints`.
 *
 * Rows at the same moment become one point, so that their order among themselves tells nothing: the one with the median
 * value (of an even number the lower middle), which therefore stands in the table.
 */
export function orderedPoints({ axis, entities }: OrderedTable, column: NumericColumn): OrderedPoints {
  if (!axis || entities) return NO_POINTS
  const known = KNOWN.get(column)
  if (known?.axis === axis) return known.points
  const isWhole = column.rows.length === axis.at.length && axis.kind === 'time' && isStrictAxis(axis)
  const points = isWhole
    ? { x: axis.at, y: column.values, rows: column.rows }
    : pointsOnAxis(axis, column, column.rows.keys())
  KNOWN.set(column, { axis, points })
  return points
}

/** Several methods ask for the same points; they go with their column. */
const KNOWN = new WeakMap<NumericColumn, { axis: RowAxis; points: OrderedPoints }>()

/** One entity's values in order of time; `entity` is its index in `entities.names`. */
export function entityPoints(
  { axis, entities }: OrderedTable,
  column: NumericColumn,
  entity: number,
): OrderedPoints {
  if (!axis || !entities) return NO_POINTS
  return pointsOnAxis(axis, column, positionsOf(column, entities.rows[entity]!))
}

/** What all entities of a panel did together. */
export interface JointPoints extends Pick<OrderedPoints, 'x' | 'y'> {
  /** `sum`: over the moments at which every entity has a value. `mean`: of what they differ from their own means, which are added. */
  how: 'sum' | 'mean'
  /** A row of each moment, the first entity's. */
  rows: Uint32Array
  /** Entities with values, and how many of them have none at the first or at the last moment. */
  entities: number
  changing: number
}

/** Share of the moments at which all entities must have a value for sums to be compared. */
const COMPLETE_SHARE = 0.8

/**
 * A panel's course as a whole: the sum of all entities where most moments are complete, else the mean within entities, so that
 * an entity that comes or goes moves nothing.
 *
 * @param additive false for rates, prices and the like: then the mean
 */
export function jointPoints(
  table: OrderedTable,
  column: NumericColumn,
  { additive }: { additive: boolean },
): JointPoints {
  const count = table.entities?.rows.length ?? 0
  const series = Array.from({ length: count }, (_, entity) => entityPoints(table, column, entity))
    .filter(({ y }) => y.length > 0)
    .map(({ x, y, rows }) => ({ x, y, rows, mean: y.reduce((sum, value) => sum + value, 0) / y.length }))
  const moments = new Map<number, Moment>()
  for (const { x, y, rows, mean } of series) {
    for (let i = 0; i < x.length; i++) {
      const moment = moments.get(x[i]!) ?? { at: x[i]!, row: rows[i]!, sum: 0, deviation: 0, count: 0 }
      moment.sum += y[i]!
      moment.deviation += y[i]! - mean
      moment.count++
      moments.set(x[i]!, moment)
    }
  }
  const inOrder = [...moments.values()].sort((a, b) => a.at - b.at)
  const [first, last] = [inOrder[0]?.at, inOrder.at(-1)?.at]
  const told = {
    entities: series.length,
    changing: series.filter(({ x }) => x[0] !== first || x[x.length - 1] !== last).length,
  }
  const complete = inOrder.filter((moment) => moment.count === series.length)
  if (additive && complete.length > 0 && complete.length >= COMPLETE_SHARE * inOrder.length) {
    return { how: 'sum', ...told, ...columnsOf(complete, ({ sum }) => sum) }
  }
  const grandMean = series.reduce((sum, { mean }) => sum + mean, 0) / series.length
  return {
    how: 'mean',
    ...told,
    ...columnsOf(inOrder, ({ deviation, count }) => grandMean + deviation / count),
  }
}

interface Moment {
  at: number
  row: number
  sum: number
  deviation: number
  count: number
}

function columnsOf(moments: readonly Moment[], value: (moment: Moment) => number): OrderedPoints {
  return {
    x: Float64Array.from(moments, ({ at }) => at),
    y: Float64Array.from(moments, value),
    rows: Uint32Array.from(moments, ({ row }) => row),
  }
}

/** Positions in a column's values of those rows that have one; both ascend in neither. */
function* positionsOf({ rows }: NumericColumn, wanted: Uint32Array): Generator<number> {
  for (const row of wanted) {
    // Where nothing is missing before it, a row is its own position.
    const position = rows[row] === row ? row : positionOf(rows, row)
    if (position !== undefined) yield position
  }
}

/** By bisection: rows ascend. */
function positionOf(rows: Uint32Array, row: number): number | undefined {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]! < row) low = middle + 1
    else high = middle
  }
  return rows[low] === row ? low : undefined
}

function pointsOnAxis(axis: RowAxis, column: NumericColumn, positions: Iterable<number>): OrderedPoints {
  const placed: number[] = []
  for (const position of positions)
    if (Number.isFinite(axis.at[column.rows[position]!]!)) placed.push(position)
  const at = new Float64Array(placed.length)
  let isStrict = true
  for (let i = 0; i < at.length; i++) {
    at[i] = axis.at[column.rows[placed[i]!]!]!
    if (i > 0 && !(at[i]! > at[i - 1]!)) isStrict = false
  }
  // As most series are: in order, one value a moment.
  if (isStrict) return pointsAt(axis.kind === 'time' ? at : at.map((_, i) => i + 1), column, placed)
  const order = isAscending(at) ? Array.from(at.keys()) : [...rank(at).order]
  const x: number[] = []
  const positionAt: number[] = []
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && at[order[end]!] === at[order[start]!]) end++
    const tied = order.slice(start, end).map((i) => placed[i]!)
    x.push(axis.kind === 'time' ? at[order[start]!]! : x.length + 1)
    positionAt.push(lowerMedianPosition(column.values, tied))
    start = end
  }
  return pointsAt(Float64Array.from(x), column, positionAt)
}

function pointsAt(x: Float64Array, column: NumericColumn, positions: readonly number[]): OrderedPoints {
  const y = new Float64Array(positions.length)
  const rows = new Uint32Array(positions.length)
  for (let i = 0; i < positions.length; i++) {
    y[i] = column.values[positions[i]!]!
    rows[i] = column.rows[positions[i]!]!
  }
  return { x, y, rows }
}

/** All rows of a table in order, one a moment: then every column without gaps shares the axis. */
function isStrictAxis(axis: RowAxis): boolean {
  const known = STRICT.get(axis)
  if (known !== undefined) return known
  let isStrict = Number.isFinite(axis.at[0])
  for (let i = 1; i < axis.at.length && isStrict; i++) isStrict = axis.at[i]! > axis.at[i - 1]!
  STRICT.set(axis, isStrict)
  return isStrict
}

const STRICT = new WeakMap<RowAxis, boolean>()

function lowerMedianPosition(values: Float64Array, positions: readonly number[]): number {
  if (positions.length === 1) return positions[0]!
  const middle = median(positions.map((position) => values[position]!))
  return positions.reduce((best, position) => {
    const value = values[position]!
    const known = values[best]!
    if (value > middle) return best
    return known > middle || value > known ? position : best
  })
}
