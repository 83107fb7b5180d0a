import { blockMedians } from '#platform/statistics/median.ts'
import type { Trend } from '#schemas/analysis.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { blockMeans } from '../statistics/block-means.ts'
import type { ChangePoint, LevelModel } from '../statistics/change-points.ts'
import { leastSquares, polynomialDesign } from '../statistics/least-squares.ts'
import { type MonotoneTrend, monotoneTrend } from '../statistics/monotone-trend.ts'
import { type SeriesLevels, seriesLevels } from '../statistics/series-levels.ts'
import { type SeriesTrend, seriesTrend } from '../statistics/series-trend.ts'
import type { OrderedPoints } from './column-findings.ts'
import { expectedCourse } from './expected-course.ts'
import type { MeasuredSeries } from './measured-series.ts'
import { observedEnds } from './observed-ends.ts'
import type { SeasonalityFinding } from './season-finding.ts'

const DAY_MS = 86_400_000
const MIN_POINTS = 8
const ALPHA = 0.05
/** Least squares keep every residual in double-double: worth it only where all points are used. */
const LINEAR_UP_TO = 2_000
/** Longer series are joined to so many means before they are ranked. */
const MAX_RANKED = 5_000

export interface TrendFinding {
  trend: Trend
  shape: LevelModel['shape']
  points: OrderedPoints
  /** The series changes by factors: `expected` are logarithms. */
  isRelative: boolean
  /** What line, curve or levels and season say at each point. */
  expected: Float64Array
  isSeasonal: boolean
  /** Raw p of what was tested: trend, steps, changes of spread. */
  pValues: number[]
}

/** A series and what is known of it. */
export interface SeriesToTest {
  series: MeasuredSeries
  /** Those that are sure: they are taken out first. */
  seasons: readonly SeasonalityFinding[]
  /** How many series of the column are looked at. */
  tried: number
}

/** Trend and levels of a measure, of one entity in a panel; null for other columns, fewer than 8 points, or a constant. */
export function trendFinding(
  table: PreparedTable,
  column: NumericColumn,
  { series, seasons, tried }: SeriesToTest,
): TrendFinding | null {
  const { points, values, isRelative, entity } = series
  if (values.length < MIN_POINTS || values.every((value) => value === values[0])) return null
  const unit = table.timeMs ? DAY_MS : 1
  const x = points.x.map((at) => (at - points.x[0]!) / unit)
  const season = seasonOf(values.length, seasons)
  const adjusted = values.map((value, i) => value - season[i]!)
  const tested = seriesTrend(blockMeans(x, MAX_RANKED), blockMeans(adjusted, MAX_RANKED), periodOf(seasons))
  const fit = tested && (isRelative ? lineOf(x, adjusted.map(Math.exp)) : tested.line)
  if (!fit || !Object.values(fit.slopeInterval).every(Number.isFinite)) return null
  const model = seriesLevels(x, adjusted, { isBent: tested.isBent })
  const ends = observedEnds(points.y, seasons)
  const direction = directionOf({ ...fit, pValue: Math.min(1, tested.pValue * tried) })
  const course = { tested, model, direction, isRelative }
  const trend: Trend = {
    document: table.document,
    table: table.name,
    column: column.name,
    ...(entity !== undefined && { entity }),
    n: values.length,
    direction,
    slope: fit.slope,
    slopeUnit: table.timeMs ? 'day' : 'row',
    intercept: fit.intercept,
    relativeChange: relativeChange(ends),
    observed: { ...ends, at: [points.x[0]!, points.x.at(-1)!] },
    ...modelOf(course, { x, adjusted }),
    pValue: tested.pValue,
    tau: fit.tau,
    slopeInterval: fit.slopeInterval,
    changePoints: changesOf(model, { table, series }),
    ...linearFit(x, points.y),
  }
  const shape = shapeOf(course)
  const parts = { x, adjusted, season, seasons, model: { ...model, shape }, isBent: tested.isBent }
  return {
    trend,
    shape,
    isSeasonal: seasons.length > 0,
    points,
    isRelative,
    expected: expectedCourse(parts),
    pValues: [tested.pValue, ...model.pValues],
  }
}

function seasonOf(length: number, seasons: readonly SeasonalityFinding[]): Float64Array {
  const sum = new Float64Array(length)
  for (const { effects, decomposition } of seasons) {
    const season = decomposition?.season ?? effects
    for (let i = 0; i < length; i++) sum[i]! += season[i]!
  }
  return sum
}

/** Values a cycle of the one season of a series without gaps. */
function periodOf(seasons: readonly SeasonalityFinding[]): number | undefined {
  return seasons.length === 1 && seasons[0]!.decomposition ? seasons[0]!.phases?.period : undefined
}

function lineOf(x: Float64Array, y: Float64Array): MonotoneTrend | null {
  return monotoneTrend(blockMeans(x, MAX_RANKED), blockMeans(y, MAX_RANKED))
}

interface Course {
  tested: SeriesTrend
  model: SeriesLevels
  direction: Trend['direction']
  isRelative: boolean
}

/** A bend that is sure is no constant, whether the whole rises or not. */
function shapeOf({ model, direction, tested }: Course): LevelModel['shape'] {
  if (model.shape !== 'line' || direction !== 'none' || tested.isBent) return model.shape
  return 'constant'
}

/** Share of the time at each end whose pace is told. */
const END_SHARE = 0.2
const CHOSEN_FROM = 300

function modelOf(
  { tested, model, direction, isRelative }: Course,
  { x, adjusted }: { x: Float64Array; adjusted: Float64Array },
): Pick<Trend, 'model' | 'growth' | 'paces'> {
  if (model.shape === 'steps') return { model: 'steps' }
  if (direction === 'none') return { model: tested.isBent ? 'smooth' : 'constant' }
  if (isRelative && tested.shape === 'line') {
    return { model: 'exponential', growth: Math.expm1(tested.line.slope) }
  }
  // What is no growth by a constant factor is described in its own units.
  const blocks = blockMedians(x, isRelative ? adjusted.map(Math.exp) : adjusted, CHOSEN_FROM)
  const plain = isRelative ? seriesTrend(blocks.x, blocks.y) : tested
  if (!plain || plain.shape === 'line') return { model: 'line' }
  return { model: plain.shape, paces: pacesOf(plain) }
}

function pacesOf({ x, curve }: Pick<SeriesTrend, 'x' | 'curve'>): { first: number; last: number } {
  const n = x.length
  const size = Math.max(1, Math.floor(END_SHARE * n))
  const pace = (from: number, to: number) => (curve[to]! - curve[from]!) / (x[to]! - x[from]!)
  return { first: pace(0, size), last: pace(n - 1 - size, n - 1) }
}

function directionOf({
  slope,
  pValue,
  slopeInterval,
}: Pick<MonotoneTrend, 'slope' | 'pValue' | 'slopeInterval'>): Trend['direction'] {
  if (pValue >= ALPHA || (slopeInterval.low <= 0 && slopeInterval.high >= 0)) return 'none'
  return slope > 0 ? 'rising' : 'falling'
}

function relativeChange({ first, last }: { first: number; last: number }): number | null {
  const change = (last - first) / Math.abs(first)
  return Math.sign(first) !== Math.sign(last) || !Number.isFinite(change) ? null : change
}

function linearFit(x: Float64Array, y: Float64Array): Pick<Trend, 'linear'> {
  if (x.length > LINEAR_UP_TO) return {}
  const fit = leastSquares(polynomialDesign([...x], 1), [...y], true)
  if (!fit) return {}
  const [intercept, slope] = fit.coefficients as [number, number]
  const { rSquared, residualStdDev } = fit
  return { linear: { slope, intercept, slopeError: fit.standardErrors[1]!, rSquared, residualStdDev } }
}

type Place = { table: PreparedTable; series: MeasuredSeries }

/** Steps in units of the column; a spread of logarithms is a fraction of the level. */
function changesOf(model: SeriesLevels, { table, series }: Place): Trend['changePoints'] {
  const { points, isRelative } = series
  const level = isRelative ? Math.exp : (value: number) => value
  return [
    ...model.changePoints.map((change) => described(change, { table, points }, level)),
    ...model.spreadChanges.map((change) => ({
      ...described(change, { table, points }, (value) => value),
      of: 'spread' as const,
      ...(isRelative && { isRelative }),
    })),
  ]
}

function described(
  change: ChangePoint,
  { table, points }: { table: PreparedTable; points: OrderedPoints },
  told: (value: number) => number,
): Trend['changePoints'][number] {
  const row = points.rows[change.at]!
  const label = table.labelOf(row)
  return {
    row: row + 1,
    ...(label !== undefined && { label }),
    before: told(change.before),
    after: told(change.after),
    pValue: change.pValue,
  }
}
