import { entityPoints, orderedPoints } from '../../structure/ordered-points.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { type MeasuredSeries, measuredSeries } from './measured-series.ts'
import { isSeasonal, type SeasonalityFinding } from './season-finding.ts'
import { seasonalityFindings } from './seasonality-findings.ts'
import { type TrendFinding, trendFinding } from './trend-findings.ts'

/** How measures go in time, and how often they come back. */
export interface ColumnCourses {
  /** By column; of a panel there is none. */
  trends: Map<string, TrendFinding>
  /** Of a panel: by column those of its entities. */
  entityTrends: TrendFinding[]
  /** Cycles that were tested, sure or not. */
  seasons: SeasonalityFinding[]
  /** Raw p of every trend, step and season that was tested. */
  pValues: number[]
}

/** Entities of a panel that are looked at one by one. */
const MAX_ENTITIES = 200

/** Adds what one measure does in time; pauses after each series. */
export function* addCourses(
  courses: ColumnCourses,
  table: PreparedTable,
  column: NumericColumn,
): Generator<void> {
  const all = seriesOf(table, column)
  for (const series of all) {
    addSeries(courses, { table, column, series, tried: all.length })
    yield
  }
}

function seriesOf(table: PreparedTable, column: NumericColumn): MeasuredSeries[] {
  const isTimed = table.timeMs !== null
  if (!table.entities) return [measuredSeries(orderedPoints(table, column), { isTimed })]
  const names = table.entities.names.slice(0, MAX_ENTITIES)
  return names.map((entity, i) => measuredSeries(entityPoints(table, column, i), { entity, isTimed }))
}

interface Question {
  table: PreparedTable
  column: NumericColumn
  series: MeasuredSeries
  tried: number
}

function addSeries(courses: ColumnCourses, { table, column, series, tried }: Question): void {
  const seasons = seasonalityFindings(table, column, series)
  courses.seasons.push(...seasons)
  courses.pValues.push(...seasons.map(({ seasonality }) => seasonality.pValue))
  const trend = trendFinding(table, column, { series, seasons: seasons.filter(isSeasonal), tried })
  if (!trend) return
  courses.pValues.push(...trend.pValues)
  if (series.entity === undefined) courses.trends.set(column.name, trend)
  else courses.entityTrends.push(trend)
}
