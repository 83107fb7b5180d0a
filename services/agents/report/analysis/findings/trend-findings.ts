import type { Trend } from '#schemas/analysis.ts'
import { type ChangePoint, findChangePoints, type LevelModel } from '../statistics/change-points.ts'
import { leastSquares, polynomialDesign } from '../statistics/least-squares.ts'
import { blockMedians, median } from '../statistics/median.ts'
import { type MonotoneTrend, monotoneTrend } from '../statistics/monotone-trend.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { type OrderedPoints, orderedPoints } from './column-findings.ts'
import type { NumericColumn, PreparedTable } from './prepared-table.ts'

const DAY_MS = 86_400_000
const MIN_POINTS = 8
const ALPHA = 0.05
/** Change points are sought among at most this many blocks, then placed exactly. */
const CHANGE_BLOCKS = 500
/** Least squares keep every residual in double-double: worth it only where all points are used. */
const LINEAR_UP_TO = 2_000

export interface TrendFinding {
  trend: Trend
  shape: LevelModel['shape']
  points: OrderedPoints
  /** What the line or the levels say at each point. */
  expected: Float64Array
}

/** Trend and levels of a measure; null for other columns, fewer than 8 points, or a constant. */
export function trendFinding(table: PreparedTable, column: NumericColumn): TrendFinding | null {
  if (column.role !== 'measure' || !hasOrdinaryMagnitude(column.values)) return null
  const points = orderedPoints(table, column)
  const { y } = points
  if (y.length < MIN_POINTS || y.every((value) => value === y[0])) return null
  const unit = table.timeMs ? DAY_MS : 1
  const x = points.x.map((at) => (at - points.x[0]!) / unit)
  const fit = monotoneTrend(x, y)
  if (!fit || !Object.values(fit.slopeInterval).every(Number.isFinite)) return null
  const model = levels(x, y)
  const trend: Trend = {
    document: table.document,
    table: table.name,
    column: column.name,
    n: y.length,
    direction: directionOf(fit),
    slope: fit.slope,
    slopeUnit: table.timeMs ? 'day' : 'row',
    intercept: fit.intercept,
    relativeChange: relativeChange(fit, x[x.length - 1]!),
    pValue: fit.pValue,
    tau: fit.tau,
    slopeInterval: fit.slopeInterval,
    changePoints: model.changePoints.map((change) => described(change, table, points)),
    ...linearFit(x, y),
  }
  return { trend, shape: model.shape, points, expected: expectedLevels(x, y, model) }
}

function directionOf({ slope, pValue, slopeInterval }: MonotoneTrend): Trend['direction'] {
  if (pValue >= ALPHA || (slopeInterval.low <= 0 && slopeInterval.high >= 0)) return 'none'
  return slope > 0 ? 'rising' : 'falling'
}

function relativeChange({ slope, intercept }: MonotoneTrend, lastX: number): number | null {
  const change = (slope * lastX) / Math.abs(intercept)
  const changesSign = Math.sign(intercept) !== Math.sign(intercept + slope * lastX)
  return changesSign || !Number.isFinite(change) ? null : change
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

/** Change points of all points, or of block medians and then moved to the best place within the two blocks they part. */
function levels(x: Float64Array, y: Float64Array): LevelModel {
  const { y: blocks, starts } = blockMedians(x, y, CHANGE_BLOCKS)
  const model = findChangePoints(blocks)
  if (blocks.length === y.length) return model
  const changePoints = model.changePoints.map((change) => {
    const from = starts[change.at - 1]!
    const to = starts[change.at + 1]!
    return { ...change, at: from + bestPlace(y.subarray(from, to), change) }
  })
  return { ...model, changePoints }
}

/** Where the absolute distances to the level before, then to the level after, are smallest in sum. */
function bestPlace(y: Float64Array, { before, after }: ChangePoint): number {
  let best = { at: 0, cost: 0 }
  let cost = 0
  for (let i = 0; i < y.length; i++) {
    cost += Math.abs(y[i]! - before) - Math.abs(y[i]! - after)
    if (cost < best.cost) best = { at: i + 1, cost }
  }
  return Math.min(best.at, y.length - 1)
}

/** A robust line in each stretch where the series has slope, else the median of the stretch. */
function expectedLevels(x: Float64Array, y: Float64Array, model: LevelModel): Float64Array {
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
