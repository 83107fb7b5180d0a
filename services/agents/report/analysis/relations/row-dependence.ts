import { rank } from '#platform/statistics/rank.ts'
import { valuesAt } from '#platform/statistics/values-at.ts'
import type { RelationTable } from './relation-table.ts'

/** What the rows of a table are to each other, and so what may count as one observation. */
export type RowDependence =
  | { kind: 'independent' }
  /** One row a moment; `order`: rows by time. `period`: observations a cycle, where the spacing suggests one. */
  | { kind: 'series'; order: Uint32Array; period?: number }
  /** Rows of the same entity, customer or day. */
  | RowClusters

export interface RowClusters {
  kind: 'clustered'
  /** The column that tells the cluster, or `moment`. */
  by: string
  /** By row, from 0; −1: in none. */
  clusterOf: Int32Array
  clusterCount: number
  /** Where clusters are moments: their order is that of time, and their means are a series. */
  inTime?: { period?: number }
  /** Whether differences within clusters may be compared as if clusters were independent. */
  comparesWithin: boolean
}

/** With fewer clusters nothing can be said about clusters in general. */
const MIN_CLUSTERS = 10
/** A key comes again when the rows have at most this share of different ones. */
const MAX_KEY_SHARE = 0.9
/** Of the rows with a moment, so many must have one of their own in a series. */
const DISTINCT_MOMENTS = 0.9

/** How the rows of a table hang together. Panels are clustered by entity; keys that come again cluster rows; a table of moments is a series; else rows are independent. */
export function rowDependence(table: RelationTable): RowDependence {
  const at = table.axis ? table.axis.at : table.timeMs
  if (table.entities) return panelDependence(table, table.entities, at)
  const isSeries = table.structure ? table.structure.kind === 'time-series' : at !== null
  if (isSeries && at) {
    const timed = at.filter(Number.isFinite)
    const moments = new Set(timed).size
    if (moments >= DISTINCT_MOMENTS * timed.length) {
      const order = rowsInTime(at)
      return { kind: 'series', order, ...periodOf(at, order) }
    }
    // Several rows a moment: what the day did to all of them counts once.
    if (moments >= MIN_CLUSTERS) return momentClusters(at, table.rows, true)
  }
  return keyDependence(table) ?? { kind: 'independent' }
}

function panelDependence(
  table: RelationTable,
  { columns, rows }: NonNullable<RelationTable['entities']>,
  at: Float64Array | null,
): RowDependence {
  // Of few entities nothing can be said in general; averaged over them the moments are a series.
  if (rows.length < MIN_CLUSTERS && at) return momentClusters(at, table.rows, false)
  const clusterOf = new Int32Array(table.rows).fill(-1)
  rows.forEach((own, entity) => {
    for (const row of own) clusterOf[row] = entity
  })
  const clusterCount = rows.length
  return { kind: 'clustered', by: columns.join(' and '), clusterOf, clusterCount, comparesWithin: true }
}

function momentClusters(at: Float64Array, rows: number, comparesWithin: boolean): RowClusters {
  const moments = [...new Set(at)].filter(Number.isFinite).sort((a, b) => a - b)
  return {
    kind: 'clustered',
    by: 'moment',
    ...clustersOf(at, rows),
    inTime: periodOf(moments, moments.keys()),
    comparesWithin,
  }
}

/** The key with the fewest different values, so that all that share anything are together. */
function keyDependence(table: RelationTable): RowDependence | null {
  const keys = (table.columns ?? [])
    .filter(({ role }) => role === 'identifier')
    .flatMap(({ name }) => table.source.columns.find((column) => column.name === name) ?? [])
    .map((column) => ({ column, distinct: new Set(column.values).size }))
    .filter(({ distinct }) => distinct >= MIN_CLUSTERS && distinct <= MAX_KEY_SHARE * table.rows)
    .sort((a, b) => a.distinct - b.distinct)
  const key = keys[0]?.column
  if (!key) return null
  return { kind: 'clustered', by: key.name, ...clustersOf(key.values, table.rows), comparesWithin: true }
}

/** Numbers equal values from 0, in ascending order where they are numbers, else in order of their first row. */
function clustersOf(
  values: ArrayLike<number | string | boolean | null>,
  rows: number,
): { clusterOf: Int32Array; clusterCount: number } {
  const present = Array.from(values).filter((value) => value !== null && !Number.isNaN(value))
  const distinct = [...new Set(present)]
  if (distinct.every((value) => typeof value === 'number')) distinct.sort((a, b) => a - b)
  const numberOf = new Map(distinct.map((value, i) => [value, i]))
  const clusterOf = Int32Array.from({ length: rows }, (_, row) => numberOf.get(values[row]!) ?? -1)
  return { clusterOf, clusterCount: distinct.length }
}

/** Moments that a test looks at; of longer series the latest. More make nothing surer, and neighbours must stay neighbours. */
const MAX_MOMENTS = 5_000

/** Rows that have a moment, earliest first; at most the latest 5,000. */
function rowsInTime(at: Float64Array): Uint32Array {
  const found = new Uint32Array(at.length)
  let count = 0
  for (let row = 0; row < at.length; row++) if (Number.isFinite(at[row]!)) found[count++] = row
  const rows = found.subarray(0, count)
  // Equal times stay in the order of the rows.
  const { order } = rank(valuesAt(at, rows))
  return order.slice(-MAX_MOMENTS).map((position) => rows[position]!)
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Usual spacing of rows, in ms from … to …, and the observations of the cycle that it suggests. */
const CYCLES: readonly { low: number; high: number; period: number }[] = [
  { low: HOUR_MS, high: HOUR_MS, period: 24 },
  { low: DAY_MS, high: DAY_MS, period: 7 },
  { low: 7 * DAY_MS, high: 7 * DAY_MS, period: 52 },
  { low: 28 * DAY_MS, high: 31 * DAY_MS, period: 12 },
  { low: 89 * DAY_MS, high: 92 * DAY_MS, period: 4 },
]
const EVEN_SHARE = 0.9

/** Of rows that nearly all follow at the same distance. */
function periodOf(at: ArrayLike<number>, order: Iterable<number>): { period?: number } {
  const times = Array.from(order, (row) => at[row]!)
  const gaps = times.slice(1).map((time, i) => time - times[i]!)
  const cycle = CYCLES.find(
    ({ low, high }) => gaps.filter((gap) => gap >= low && gap <= high).length >= EVEN_SHARE * gaps.length,
  )
  return gaps.length > 0 && cycle ? { period: cycle.period } : {}
}
