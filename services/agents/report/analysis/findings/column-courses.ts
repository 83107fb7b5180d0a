import { blockMedians } from '#platform/statistics/median.ts'
import { nameTokens } from '../../structure/name-tokens.ts'
import { entityPoints, jointPoints, orderedPoints } from '../../structure/ordered-points.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { type MeasuredSeries, measuredSeries } from './measured-series.ts'
import { pointsToEnds } from './points-to-ends.ts'
import { isSeasonal, type SeasonalityFinding } from './season-finding.ts'
import { seasonalityFindings } from './seasonality-findings.ts'
import { type TrendFinding, trendFinding } from './trend-findings.ts'

/** How measures go in time, and how often they come back. */
export interface ColumnCourses {
  /** By column; of a panel there is none. */
  trends: Map<string, TrendFinding>
  /** Of a panel: those of its entities, and of what all do together, the steps of which are not looked at. */
  entityTrends: TrendFinding[]
  jointTrends: TrendFinding[]
  /** Cycles that were tested, sure or not. */
  seasons: SeasonalityFinding[]
  /** Raw p of everything that was tested. */
  tested: TestedCourses
}

export type TestedCourses = Record<'trend' | 'step' | 'spread' | 'season', number[]>

/** Entities of a panel that are looked at one by one: the largest. */
const MAX_ENTITIES = 200

/** Adds what one column does in time, if it is a measure; pauses after each series. */
export function* addCourses(
  courses: ColumnCourses,
  table: PreparedTable,
  column: NumericColumn,
): Generator<void> {
  if (column.role !== 'measure' || !hasOrdinaryMagnitude(column.values)) return
  const all = seriesOf(table, column)
  for (const series of all) {
    addSeries(courses, { table, column, series, tried: all.length })
    yield
  }
  if (table.entities) addJoint(courses, table, column)
}

/** What of a panel was not looked at; for `losses` of its structure. */
export function courseLosses({ entities }: Pick<PreparedTable, 'entities'>): string[] {
  const count = entities?.names.length ?? 0
  if (count <= MAX_ENTITIES) return []
  return [
    `Of ${count} entities the ${MAX_ENTITIES} with the largest values are looked at one by one for trends and seasons; all count in what they do together.`,
  ]
}

function seriesOf(table: PreparedTable, column: NumericColumn): MeasuredSeries[] {
  const isTimed = table.timeMs !== null
  const { entities } = table
  if (!entities) return [measuredSeries(orderedPoints(table, column), { isTimed, column })]
  const all = entities.names.map((entity, i) => ({ entity, points: entityPoints(table, column, i) }))
  const sizes = new Map(
    all.map((one) => [one, one.points.y.reduce((sum, value) => sum + Math.abs(value), 0)]),
  )
  const largest = new Set(all.toSorted((a, b) => sizes.get(b)! - sizes.get(a)!).slice(0, MAX_ENTITIES))
  return all
    .filter((one) => largest.has(one))
    .map(({ entity, points }) => measuredSeries(points, { entity, isTimed, column }))
}

interface Question {
  table: PreparedTable
  column: NumericColumn
  series: MeasuredSeries
  tried: number
}

function addSeries(courses: ColumnCourses, question: Question): void {
  const trend = courseOf(courses, question)
  if (!trend) return
  const [line, step, spread] = trend.pValues
  courses.tested.trend.push(line!)
  courses.tested.step.push(step!)
  courses.tested.spread.push(spread!)
  if (question.series.entity === undefined) courses.trends.set(question.column.name, trend)
  else courses.entityTrends.push(trend)
}

function courseOf(courses: ColumnCourses, { table, column, series, tried }: Question): TrendFinding | null {
  const seasons = seasonalityFindings(table, column, series)
  courses.seasons.push(...seasons)
  courses.tested.season.push(...seasons.map(({ seasonality }) => seasonality.pValue))
  return trendFinding(table, column, { series, seasons: seasons.filter(isSeasonal), tried })
}

/** Names and units of what can't be added up over entities. */
const RATES =
  /^(rate|ratio|price|share|pct|percent|percentage|index|score|temp|temperature|age|per|mean|avg|average|median|level|density|growth|expectancy|yield|margin|speed|humidity|pressure|ph|life|lifeexp|lifeexpectancy|percap|gdppercap)$/i
const RATE_UNITS = /%|\/|°|^(k|mbar|hpa|bar|ph)$/i
const MAX_SERIES_POINTS = 100

/** What all entities do together: their sum, else their mean within entities. */
function addJoint(courses: ColumnCourses, table: PreparedTable, column: NumericColumn): void {
  const isRate =
    RATE_UNITS.test(column.unit ?? '') || nameTokens(column.name).some((token) => RATES.test(token))
  const { how, entities, changing, ...points } = jointPoints(table, column, { additive: !isRate })
  const series = measuredSeries(points, { isTimed: table.timeMs !== null, column })
  const found = courseOf(courses, { table, column, series, tried: 1 })
  if (!found) return
  courses.tested.trend.push(found.trend.pValue)
  const thinned = blockMedians(points.x, points.y, MAX_SERIES_POINTS)
  const trend = {
    ...found.trend,
    changePoints: [],
    joint: { how, entities, changing },
    series: {
      xKind: table.timeMs ? ('time' as const) : ('row' as const),
      points: pointsToEnds(thinned, points.x),
    },
  }
  courses.jointTrends.push({ ...found, trend })
}
