import { blockMedians } from '#platform/statistics/median.ts'
import type { Analysis, Insight, Series, TableStructure, Trend } from '#schemas/analysis.ts'
import type { Column, Document, Table } from '#schemas/document.ts'
import type { Correlation, Difference } from '#schemas/relations.ts'
import { pointsToEnds } from './points-to-ends.ts'

/** As many dots as a reader can still see through. */
const MAX_SCATTER_POINTS = 300
const MAX_ENTITY_POINTS = 100
/** Entities of a column that get a picture: the surest trends. */
const MAX_ENTITIES = 24

type Charted = Pick<Analysis, 'correlations' | 'differences' | 'trends'>

/**
 * Adds what charts need and findings do not: the points of correlations and the quartiles of differences that an insight
 * names, and the series of entities of a panel. Reads the tables once more, and only for what is told.
 */
export function withChartData(
  documents: readonly Document[],
  analysis: Charted & Pick<Analysis, 'insights' | 'tables'>,
): Charted {
  const tables = new Map(
    documents.flatMap(({ name, tables = [] }) =>
      tables.map((table) => [keyOf([name, table.name]), table] as const),
    ),
  )
  const tableOf = (place: { document: string; table: string }): Table | undefined =>
    tables.get(keyOf([place.document, place.table]))
  const told = pairsTold(analysis.insights)
  const structures = new Map(
    (analysis.tables ?? []).map((each) => [keyOf([each.document, each.table]), each]),
  )
  return {
    correlations: analysis.correlations.map((pair) =>
      told.has(pairKey(pair, [pair.a, pair.b])) ? withPoints(pair, tableOf(pair)) : pair,
    ),
    ...(analysis.differences && {
      differences: analysis.differences.map((each) =>
        told.has(pairKey(each, [each.measure, each.category])) ? withQuartiles(each, tableOf(each)) : each,
      ),
    }),
    trends: withEntitySeries(analysis.trends, { structures, tableOf }),
  }
}

function keyOf(parts: readonly string[]): string {
  return JSON.stringify(parts)
}

function pairKey(
  { document, table }: { document: string; table: string },
  columns: readonly string[],
): string {
  return keyOf([document, table, ...[...columns].sort()])
}

/** Pairs of columns that insights name. */
function pairsTold(insights: readonly Insight[]): Set<string> {
  return new Set(
    insights.flatMap(({ provenance }) => {
      const [a, b] = provenance
      return a?.table !== undefined && a.column !== undefined && b?.column !== undefined
        ? [pairKey({ document: a.document, table: a.table }, [a.column, b.column])]
        : []
    }),
  )
}

function columnOf(table: Table | undefined, name: string): Column | undefined {
  return table?.columns.find((column) => column.name === name)
}

/** Rows where both are numbers, thinned evenly. */
function withPoints(pair: Correlation, table: Table | undefined): Correlation {
  const [a, b] = [columnOf(table, pair.a)?.values, columnOf(table, pair.b)?.values]
  if (!a || !b) return pair
  const points: [number, number][] = []
  for (let row = 0; row < a.length; row++) {
    const [x, y] = [a[row], b[row]]
    if (typeof x === 'number' && typeof y === 'number') points.push([x, y])
  }
  const step = Math.max(1, points.length / MAX_SCATTER_POINTS)
  const thinned = Array.from(
    { length: Math.floor(points.length / step) },
    (_, i) => points[Math.floor(i * step)]!,
  )
  return { ...pair, points: thinned }
}

function withQuartiles(difference: Difference, table: Table | undefined): Difference {
  const measure = columnOf(table, difference.measure)?.values
  const category = columnOf(table, difference.category)?.values
  if (!measure || !category) return difference
  const valuesOf = new Map<string, number[]>(difference.groups.map(({ name }) => [name, []]))
  for (let row = 0; row < measure.length; row++) {
    const value = measure[row]
    if (typeof value === 'number' && category[row] !== null) valuesOf.get(String(category[row]))?.push(value)
  }
  const groups = difference.groups.map((group) => {
    const sorted = Float64Array.from(valuesOf.get(group.name) ?? []).sort()
    return sorted.length === 0 ? group : { ...group, q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75) }
  })
  return { ...difference, groups }
}

/** Linear between neighbours (Hyndman & Fan 7), as numpy and R have it by default. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (at - below)
}

interface Sources {
  structures: ReadonlyMap<string, TableStructure>
  tableOf(place: { document: string; table: string }): Table | undefined
}

function withEntitySeries(trends: readonly Trend[], { structures, tableOf }: Sources): Trend[] {
  const drawn = new Set(
    [
      ...Map.groupBy(trends, ({ document, table, column }) => keyOf([document, table, column])).values(),
    ].flatMap((some) =>
      some
        .filter(({ entity }) => entity !== undefined)
        .sort((a, b) => a.pValue - b.pValue)
        .slice(0, MAX_ENTITIES),
    ),
  )
  return trends.map((trend) => {
    if (!drawn.has(trend)) return trend
    const structure = structures.get(keyOf([trend.document, trend.table]))
    const table = tableOf(trend)
    if (trend.entity === undefined || trend.series || !table || !structure?.entity) return trend
    const series = entitySeries(table, { trend, structure, entity: structure.entity.column })
    return series ? { ...trend, series } : trend
  })
}

/** The values of one entity in time, where one column tells the time. */
function entitySeries(
  table: Table,
  { trend, structure, entity }: { trend: Trend; structure: TableStructure; entity: string },
): Series | undefined {
  const [names, values] = [columnOf(table, entity)?.values, columnOf(table, trend.column)?.values]
  const time = structure.timeColumns.length === 1 ? columnOf(table, structure.timeColumns[0]!) : undefined
  if (!names || !values || !time) return undefined
  const points: [number, number][] = []
  for (let row = 0; row < values.length; row++) {
    const [at, value] = [timeOf(time, row), values[row]]
    if (String(names[row]) === trend.entity && at !== undefined && typeof value === 'number')
      points.push([at, value])
  }
  if (points.length < 2) return undefined
  points.sort((a, b) => a[0] - b[0])
  const [x, y] = [0, 1].map((part) => Float64Array.from(points, (point) => point[part]!))
  const thinned = blockMedians(x!, y!, MAX_ENTITY_POINTS)
  return { xKind: 'time', points: pointsToEnds(thinned, x!) }
}

/** Unix ms; a bare year is its first day. */
function timeOf({ kind, values }: Column, row: number): number | undefined {
  const value = values[row]
  if (typeof value !== 'number') return undefined
  return kind === 'temporal' ? value : Date.UTC(value, 0, 1)
}
