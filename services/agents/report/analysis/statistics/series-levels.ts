import { blockMedians, MAD_TO_SD, median, medianAbsoluteDeviation } from '#platform/statistics/median.ts'
import { rank } from '#platform/statistics/rank.ts'
import { type ChangePoint, findChangePoints, type LevelModel, largestStep } from './change-points.ts'
import { monotoneTrend } from './monotone-trend.ts'
import { type VettedSteps, vettedSteps } from './vetted-steps.ts'

/** Change points are sought among at most this many blocks, then placed exactly. */
export const CHANGE_BLOCKS = 500

/** The steps of level and of spread in a series. */
export interface SeriesLevels extends LevelModel {
  /** `before` and `after` are scaled median deviations. */
  spreadChanges: ChangePoint[]
  /** Raw p: of steps of level, and of spread. */
  pValues: number[]
}

/**
 * Steps that hold when errors have memory; those of the level are sought among values of equal spread.
 *
 * @param about `isBent`: the series runs along a curve, which levels and a line only approach: what they leave is no spread
 */
export function seriesLevels(
  x: Float64Array,
  y: Float64Array,
  { isBent = false }: { isBent?: boolean } = {},
): SeriesLevels {
  const blocks = blockMedians(x, y, CHANGE_BLOCKS)
  const first = levels(blocks)
  const spread = spreadSteps(blocks.y, isBent ? { ...first.model, shape: 'line' } : first.model)
  const { model, vetted } =
    spread.steps.length > 0
      ? levels({ x: blocks.x, y: evenSpread(blocks, spread.steps[0]!, first.model) })
      : first
  const shape =
    vetted.steps.length < model.changePoints.length ? shapeWithout(model.shape, vetted) : model.shape
  const changePoints = measured(blocks.y, vetted.steps, model)
  const place = (changes: ChangePoint[]) =>
    blocks.y.length === y.length ? changes : changes.map((change) => placed(change, y, blocks.starts))
  return {
    shape,
    changePoints: place(changePoints),
    spreadChanges: spread.steps.map((step) => ({ ...step, at: blocks.starts[step.at] ?? step.at })),
    pValues: [vetted.pValue, spread.pValue],
  }
}

function levels({ x, y }: { x: Float64Array; y: Float64Array }): { model: LevelModel; vetted: VettedSteps } {
  const model = findChangePoints(y)
  return {
    model,
    vetted: vettedSteps({ x, y }, model.changePoints, { aboutLine: model.shape === 'line with a step' }),
  }
}

function shapeWithout(shape: LevelModel['shape'], { steps }: VettedSteps): LevelModel['shape'] {
  if (steps.length > 0) return shape
  return shape === 'line with a step' ? 'line' : 'constant'
}

/** The step of the ranks of absolute deviations from the levels that explains most. */
function spreadSteps(y: Float64Array, model: LevelModel): VettedSteps {
  const left = residuals(y, model)
  if (new Set(left).size < left.length / 2) return { steps: [], pValue: 1 }
  const ranks = rank(left.map(Math.abs)).ranks
  const step = largestStep(Float64Array.from(ranks))
  if (!step) return { steps: [], pValue: 1 }
  const pValue = Math.max(
    ...[ranks, ...coarser(ranks)].map((values) => {
      const at = Math.round((step.at * values.length) / ranks.length)
      return vettedSteps({ x: values, y: values }, [{ ...step, at }], { of: 'spread' }).pValue
    }),
  )
  const steps = pValue < SPREAD_ALPHA ? [{ ...step, pValue }] : []
  const spreadOf = (part: Float64Array) => MAD_TO_SD * medianAbsoluteDeviation(part, median(part))
  return {
    steps: steps.map((step) => ({
      ...step,
      before: spreadOf(left.subarray(0, step.at)),
      after: spreadOf(left.subarray(step.at)),
    })),
    pValue,
  }
}

/**
 * Means of stretches, about 60 of them, of long series: volatility that comes and goes slowly hardly shows from value to value, and
 * shows there.
 */
function coarser(values: Float64Array): Float64Array[] {
  const size = Math.floor(values.length / COARSE_STRETCHES)
  if (size < 2) return []
  const count = Math.floor(values.length / size)
  return [
    Float64Array.from({ length: count }, (_, k) => {
      const part = values.subarray(k * size, (k + 1) * size)
      return part.reduce((sum, value) => sum + value, 0) / size
    }),
  ]
}

const COARSE_STRETCHES = 60
const SPREAD_ALPHA = 0.05

function residuals(y: Float64Array, { shape, changePoints }: LevelModel): Float64Array {
  const n = y.length
  if (shape === 'line' || shape === 'line with a step') {
    // Neighbours' differences know no level and no line.
    return y.map((value, i) => value - (y[Math.max(0, i - 1)]! + y[Math.min(n - 1, i + 1)]!) / 2)
  }
  const edges = [0, ...changePoints.map(({ at }) => at), n]
  const left = new Float64Array(n)
  for (let k = 1; k < edges.length; k++) {
    const part = y.subarray(edges[k - 1], edges[k])
    const level = median(part)
    part.forEach((value, i) => {
      left[edges[k - 1]! + i] = value - level
    })
  }
  return left
}

/**
 * The series with the same spread before and after a change of it, about its level or line: stretched about a level, a line would bend
 * at the change and look like a step.
 */
function evenSpread(
  { x, y }: { x: Float64Array; y: Float64Array },
  { at, before, after }: ChangePoint,
  { shape }: LevelModel,
): Float64Array {
  const line = shape === 'line' || shape === 'line with a step' ? monotoneTrend(x, y) : null
  const level = line ? 0 : median(y)
  const common = Math.sqrt((before || 1) * (after || 1))
  return y.map((value, i) => {
    const middle = line ? line.intercept + line.slope * x[i]! : level
    return middle + ((value - middle) * common) / ((i < at ? before : after) || 1)
  })
}

/** Levels as they stand in the data, whatever they were sought among; about a line those right at the step. */
function measured(y: Float64Array, steps: readonly ChangePoint[], { shape }: LevelModel): ChangePoint[] {
  if (shape === 'line with a step') return steps.map((step) => ({ ...step }))
  const edges = [0, ...steps.map(({ at }) => at), y.length]
  return steps.map((step, k) => ({
    ...step,
    before: median(y.subarray(edges[k]!, edges[k + 1]!)),
    after: median(y.subarray(edges[k + 1]!, edges[k + 2]!)),
  }))
}

/** Moved to the best place within the two blocks that it parts. */
function placed(change: ChangePoint, y: Float64Array, starts: ArrayLike<number>): ChangePoint {
  const from = starts[change.at - 1]!
  const to = starts[change.at + 1] ?? y.length
  return { ...change, at: from + bestPlace(y.subarray(from, to), change) }
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
