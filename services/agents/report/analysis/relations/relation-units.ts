import { rank } from '#platform/statistics/rank.ts'
import { valuesAt } from '#platform/statistics/values-at.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import type { RelationGroups, RelationNumbers, RelationTable } from './relation-table.ts'
import { type RowClusters, type RowDependence, rowDependence } from './row-dependence.ts'

/** A column of amounts, by unit: a unit is a row, or a cluster of rows that can't count as independent. */
export interface UnitMeasure {
  name: string
  /** A rating or class: few steps whose order means something. */
  ordinal: boolean
  /** By unit; NaN where missing. */
  values: Float64Array
  /** Units that have a value, ascending by it. */
  order: Uint32Array
  /** Those of them that rank tests look at: all, or of very many a fixed part. */
  testedOrder: Uint32Array
}

/** A column that groups the units. */
export interface UnitFactor {
  name: string
  role: 'category' | 'binary' | 'ordinal'
  /** By unit; −1 where missing. */
  groups: Int32Array
  names: string[]
}

/** The columns of a table that relations are looked for in. */
export interface RelationUnits {
  table: RelationTable
  measures: UnitMeasure[]
  factors: UnitFactor[]
  dependence: RowDependence
  /** Copies, parts and totals, codes and names: that such go together is no finding. */
  definedTogether(a: string, b: string): boolean
}

/** Below, nothing can be told. */
export const MIN_VALUES = 5
const FACTOR_ROLES = new Set(['category', 'binary', 'ordinal', 'code'])

/** Picks measures and factors, and asks how the rows depend on each other. */
export function relationUnits(table: RelationTable): RelationUnits {
  const factors = table.categories.flatMap((column) => factorOf(column) ?? [])
  const grouped = new Set(factors.map(({ name }) => name))
  const coded = table.numeric
    .filter(({ name, role }) => role === 'measure' && !grouped.has(name))
    .flatMap((column) => binaryFactor(column, table.rows) ?? [])
  const binary = new Set(
    [...factors, ...coded].filter(({ role }) => role === 'binary').map(({ name }) => name),
  )
  const measures = table.numeric
    .filter(
      ({ name, role, values }) =>
        (role === 'measure' || role === 'ordinal') &&
        !binary.has(name) &&
        values.length >= MIN_VALUES &&
        hasOrdinaryMagnitude(values),
    )
    .map((column) => measureOf(column, table.rows))
  return {
    table,
    measures,
    factors: differentPartitions([...factors, ...coded], table.source.columns),
    dependence: rowDependence(table),
    definedTogether: (a, b) => a === b || (table.definedTogether?.(a, b) ?? false),
  }
}

function measureOf(column: RelationNumbers, rows: number): UnitMeasure {
  const values = new Float64Array(rows).fill(Number.NaN)
  for (let i = 0; i < column.rows.length; i++) values[column.rows[i]!] = column.values[i]!
  const order = column.ranking().order.map((position) => column.rows[position]!)
  return {
    name: column.name,
    ordinal: column.role === 'ordinal',
    values,
    order,
    testedOrder: testedPart(order),
  }
}

function factorOf({ name, role, groups, names }: RelationGroups): UnitFactor | null {
  const known = role ?? 'category'
  if (names.length < 2 || !FACTOR_ROLES.has(known)) return null
  if (names.length === 2) return { name, role: 'binary', groups, names }
  return { name, role: known === 'ordinal' ? 'ordinal' : 'category', groups, names }
}

/** A code and its name group the rows alike: only the first in the table is asked. */
function differentPartitions(
  factors: readonly UnitFactor[],
  columns: readonly { name: string }[],
): UnitFactor[] {
  const placeOf = new Map(columns.map(({ name }, i) => [name, i]))
  const inOrder = factors.toSorted((a, b) => (placeOf.get(a.name) ?? 0) - (placeOf.get(b.name) ?? 0))
  return inOrder.filter((factor, i) => !inOrder.slice(0, i).some((earlier) => samePartition(earlier, factor)))
}

function samePartition(a: UnitFactor, b: UnitFactor): boolean {
  if (a.names.length !== b.names.length) return false
  const partnerOf = new Int32Array(a.names.length).fill(-1)
  const takenBy = new Int32Array(b.names.length).fill(-1)
  for (let unit = 0; unit < a.groups.length; unit++) {
    const [left, right] = [a.groups[unit]!, b.groups[unit]!]
    if (left < 0 && right < 0) continue
    if (left < 0 || right < 0) return false
    if (partnerOf[left] === -1 && takenBy[right] === -1) {
      partnerOf[left] = right
      takenBy[right] = left
    } else if (partnerOf[left] !== right) return false
  }
  return true
}

/** A number with two values is a question with two answers, not an amount. */
function binaryFactor({ name, values, rows }: RelationNumbers, count: number): UnitFactor | null {
  const low = values[0]
  const other = values.find((value) => value !== low)
  if (other === undefined || values.some((value) => value !== low && value !== other)) return null
  const groups = new Int32Array(count).fill(-1)
  for (let i = 0; i < rows.length; i++) groups[rows[i]!] = values[i] === low ? 0 : 1
  return { name, role: 'binary', groups, names: [String(low), String(other)] }
}

/** Units that rank tests look at: more make nothing surer that is not sure already. */
const MAX_TESTED = 20_000

/** About 20,000 of the units, chosen by a multiplicative hash of their number: the same each time, in no rhythm of the rows. */
function testedPart(order: Uint32Array): Uint32Array {
  const share = MAX_TESTED / order.length
  return share >= 1 ? order : order.filter((unit) => hashShare(unit) < share)
}

/** 0 to 1, evenly spread over the numbers of units. */
export function hashShare(unit: number): number {
  return (Math.imul(unit + 1, 0x9e3779b1) >>> 0) / 2 ** 32
}

/** One unit a cluster: measures by their mean; factors only where all rows of every cluster agree. */
export function clusterUnits(units: RelationUnits, clusters: RowClusters): RelationUnits {
  const { clusterOf, clusterCount, inTime } = clusters
  const measures = units.measures.map((measure) => {
    const values = clusterMeans(measure.values, clusterOf, clusterCount)
    const order = presentInOrder(values)
    return { ...measure, values, order, testedOrder: testedPart(order) }
  })
  const factors = units.factors.flatMap((factor) => {
    const groups = clusterGroups(factor.groups, clusterOf, clusterCount)
    return groups ? [{ ...factor, groups }] : []
  })
  const order = Uint32Array.from({ length: clusterCount }, (_, cluster) => cluster)
  return {
    ...units,
    measures,
    factors,
    dependence: inTime ? { kind: 'series', order, ...inTime } : { kind: 'independent' },
  }
}

/** Mean of the values of each cluster; NaN where it has none. */
export function clusterMeans(
  values: Float64Array,
  clusterOf: Int32Array,
  clusterCount: number,
): Float64Array {
  const sums = new Float64Array(clusterCount)
  const counts = new Uint32Array(clusterCount)
  for (let row = 0; row < values.length; row++) {
    const cluster = clusterOf[row]!
    if (cluster < 0 || Number.isNaN(values[row]!)) continue
    sums[cluster]! += values[row]!
    counts[cluster]! += 1
  }
  return sums.map((sum, cluster) => sum / counts[cluster]!)
}

/** The group of each cluster, or null where the rows of one disagree. */
function clusterGroups(groups: Int32Array, clusterOf: Int32Array, clusterCount: number): Int32Array | null {
  const found = new Int32Array(clusterCount).fill(-1)
  for (let row = 0; row < groups.length; row++) {
    const cluster = clusterOf[row]!
    if (cluster < 0 || groups[row]! < 0) continue
    if (found[cluster]! >= 0 && found[cluster] !== groups[row]) return null
    found[cluster] = groups[row]!
  }
  return found
}

/** Units with a value, ascending by it. */
export function presentInOrder(values: Float64Array): Uint32Array {
  const found = new Uint32Array(values.length)
  let count = 0
  for (let unit = 0; unit < values.length; unit++) if (!Number.isNaN(values[unit]!)) found[count++] = unit
  const present = found.subarray(0, count)
  const { order } = rank(valuesAt(values, present))
  return order.map((position) => present[position]!)
}
