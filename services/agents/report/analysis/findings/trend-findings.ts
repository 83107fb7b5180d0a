import { blockMedians, median } from '#platform/statistics/median.ts'
import type { Trend } from '#schemas/analysis.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import type { ChangePoint, LevelModel } from '../statistics/change-points.ts'
import { leastSquares, polynomialDesign } from '../statistics/least-squares.ts'
import { type MonotoneTrend, monotoneTrend } from '../statistics/monotone-trend.ts'
import { testWithPersistentErrors } from '../statistics/persistent-errors.ts'
import { CHANGE_BLOCKS, seriesLevels } from '../statistics/series-levels.ts'
import type { OrderedPoints } from './column-findings.ts'
import type { SeasonalityFinding } from './seasonality-findings.ts'

const DAY_MS = 86_400_000
const MIN_POINTS = 8
const ALPHA = 0.05
/** Least squares keep every residual in double-double: worth it only where all points are used. */
const LINEAR_UP_TO = 2_000

export interface TrendFinding {
  trend: Trend
  shape: LevelModel['shape']
  points: OrderedPoints
  /** What line or levels and season say at each point. */
  expected: Float64Array
  isSeasonal: boolean
  /** Raw p of what was tested: trend, steps, changes of spread. */
  pValues: number[]
}

/**
 * Trend and levels of a measure, of one entity in a panel; null for other columns, fewer than 8 points, or a constant.
 *
 * @param about seasons that are sure are taken out first; `tried` is how many series of the column are looked at
 */
export function trendFinding(
  table: PreparedTable,
  column: NumericColumn,
  { points, entity, seasons, tried }: SeriesToTest,
): TrendFinding | null {
  const { y } = points
  if (y.length < MIN_POINTS || y.every((value) => value === y[0])) return null
  const unit = table.timeMs ? DAY_MS : 1
  const x = points.x.map((at) => (at - points.x[0]!) / unit)
  const season = y.map((_, i) => seasons.reduce((sum, { effects }) => sum + effects[i]!, 0))
  const adjusted = y.map((value, i) => value - season[i]!)
  const fit = monotoneTrend(x, adjusted)
  if (!fit || !Object.values(fit.slopeInterval).every(Number.isFinite)) return null
  const pValue = Math.max(fit.pValue, persistentTrendPValue(x, adjusted))
  const model = seriesLevels(x, adjusted)
  const ends = observedEnds(y, seasons)
  const direction = directionOf({ ...fit, pValue: Math.min(1, pValue * tried) })
  const trend: Trend = {
    document: table.document,
    table: table.name,
    column: column.name,
    ...(entity !== undefined && { entity }),
    n: y.length,
    direction,
    slope: fit.slope,
    slopeUnit: table.timeMs ? 'day' : 'row',
    intercept: fit.intercept,
    relativeChange: relativeChange(ends),
    observed: ends,
    model: model.shape === 'steps' ? 'steps' : direction === 'none' ? 'constant' : 'line',
    pValue,
    tau: fit.tau,
    slopeInterval: fit.slopeInterval,
    changePoints: [
      ...model.changePoints.map((change) => described(change, table, points)),
      ...model.spreadChanges.map((change) => ({
        ...described(change, table, points),
        of: 'spread' as const,
      })),
    ],
    ...linearFit(x, y),
  }
  const shape = model.shape === 'line' && direction === 'none' ? 'constant' : model.shape
  const level =
    shape === 'constant'
      ? new Float64Array(y.length).fill(median(adjusted))
      : expectedLevels(x, adjusted, { ...model, shape })
  return {
    trend,
    shape,
    isSeasonal: seasons.length > 0,
    points,
    expected: level.map((value, i) => value + season[i]!),
    pValues: [pValue, ...model.pValues],
  }
}

/** A series and what is known of it. */
export interface SeriesToTest {
  points: OrderedPoints
  entity?: string
  seasons: readonly SeasonalityFinding[]
  tried: number
}

/** Test of a line whose errors may have memory, up to a random walk: 1 where nothing can be said. */
function persistentTrendPValue(x: Float64Array, y: Float64Array): number {
  const points = blockMedians(x, y, CHANGE_BLOCKS)
  const middle = median(points.x)
  return (
    testWithPersistentErrors(
      [new Float64Array(points.x.length).fill(1), points.x.map((at) => at - middle)],
      points.y,
    )?.pValue ?? 1
  )
}

/** Values at each end whose median stands for it, where single values scatter. */
const END_VALUES = 5
/** Steps from value to value that are this small beside the whole change make no end doubtful. */
const SMOOTH = 0.05

function observedEnds(
  y: Float64Array,
  seasons: readonly SeasonalityFinding[],
): { first: number; last: number } {
  const [first, last] = [y[0]!, y[y.length - 1]!]
  const steps = y.subarray(1).map((value, i) => Math.abs(value - y[i]!))
  if (seasons.length === 0 && median(steps) <= SMOOTH * Math.abs(last - first)) return { first, last }
  const cycle = Math.max(0, ...seasons.map(({ seasonality }) => seasonality.period))
  const size = Math.max(1, cycle, Math.min(END_VALUES, Math.floor(y.length / 10)))
  return { first: median(y.subarray(0, size)), last: median(y.subarray(-size)) }
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

function described(
  change: ChangePoint,
  table: PreparedTable,
  { rows }: OrderedPoints,
): Trend['changePoints'][number] {
  const row = rows[change.at]!
  const label = table.labelOf(row)
  return {
    row: row + 1,
    ...(label !== undefined && { label }),
    before: change.before,
    after: change.after,
    pValue: change.pValue,
  }
}

/** A robust line in each stretch where the series has slope, else the median of the stretch. */
function expectedLevels(
  x: Float64Array,
  y: Float64Array,
  model: Pick<LevelModel, 'shape' | 'changePoints'>,
): Float64Array {
  const sloped = model.shape === 'line' || model.shape === 'line with a step'
  const edges = [0, ...model.changePoints.map(({ at }) => at), y.length]
  const expected = new Float64Array(y.length)
  edges.slice(1).forEach((end, i) => {
    const start = edges[i]!
    if (end === start) return
    const line = sloped ? monotoneTrend(x.subarray(start, end), y.subarray(start, end)) : null
    const level = line ? 0 : median(y.subarray(start, end))
    for (let k = start; k < end; k++) expected[k] = line ? line.intercept + line.slope * x[k]! : level
  })
  return expected
}
