import { blockMedians, median } from '#platform/statistics/median.ts'
import { blockDriftPValue } from './block-drift.ts'
import { type CourseModel, courseModel } from './course-model.ts'
import { leftOver, testCourse } from './course-test.ts'
import { mannKendall, serialVarianceFactor } from './mann-kendall.ts'
import { moments } from './moments.ts'
import { type MonotoneTrend, monotoneTrend } from './monotone-trend.ts'
import { testWithPersistentErrors } from './persistent-errors.ts'
import { seasonalMannKendall } from './seasonal-mann-kendall.ts'
import { CHANGE_BLOCKS } from './series-levels.ts'

/** Whether a series rises or falls as a whole, and along which curve. */
export interface SeriesTrend {
  shape: CourseModel['shape']
  /** Two-sided, of the whole course. */
  pValue: number
  /** Theil–Sen line and Mann–Kendall's test of it. */
  line: MonotoneTrend
  /** A curve, and surely no constant. */
  isBent: boolean
  /** Blocks that the curve was fitted to, and what it says there. */
  x: Float64Array
  curve: Float64Array
}

/** A curve is chosen among blocks: its parameters are few. */
const MODEL_BLOCKS = 120
/** Line and curves that were tried. */
const SHAPES = 4
const SURE_P = 0.001
/** Ways in which a line is tested: about a level that has memory, and as the drift of a walk. */
const WALKS = 2
/** Blocks whose means are compared, unless cycles are. */
const DRIFT_BLOCKS = 12
const VALUES_A_BLOCK = 4

/**
 * Trend of a series whose errors may have memory, up to a random walk. A line's p is the larger of Mann–Kendall's and of generalised least squares, or twice that of a
 * drift of block means; where a curve describes the series clearly better, that curve's own tests count too, for the number of shapes that were tried. Pure.
 *
 * @param x ascending
 * @param y without its season
 * @param period values a cycle: with ten cycles and more Mann–Kendall's test is the seasonal one
 * @returns null below 3 points, or when all x are equal.
 */
export function seriesTrend(x: Float64Array, y: Float64Array, period?: number): SeriesTrend | null {
  const fit = monotoneTrend(x, y)
  if (!fit) return null
  const seasonal = period === undefined ? null : seasonalMannKendall(y, period)
  const line = Math.min(
    Math.max(seasonal?.pValue ?? fit.pValue, persistentPValue(x, y)),
    WALKS * blockDriftPValue(y, blocksOf(y.length, period)),
  )
  const blocks = blockMedians(x, y, MODEL_BLOCKS)
  const model = courseModel(blocks.x, blocks.y)
  const ones = new Float64Array(blocks.x.length).fill(1)
  const left = leftOver([ones, ...model.columns], blocks.y)
  const curve = blocks.y.map((value, i) => value - left[i]!)
  const base = { shape: model.shape, line: fit, x: blocks.x, curve }
  if (model.shape === 'line') return { ...base, pValue: line, isBent: false }
  const question = { tested: model.columns.length, searched: model.searched }
  const columns = [ones, ...model.columns]
  const asCurve = Math.min(
    1,
    SHAPES *
      Math.max(
        testCourse(columns, blocks.y, question) ?? 1,
        // A bent walk leaves little memory about its own curve: that a walk it may be is weighed without it, too.
        testWithPersistentErrors(columns, blocks.y, { searched: Math.min(1, model.searched) })?.pValue ?? 1,
      ),
  )
  const memory = moments(left).autocorrelation ?? 0
  const monotone = mannKendall(blocks.x, blocks.y, serialVarianceFactor(memory, blocks.x.length)).pValue
  return {
    ...base,
    pValue: Math.min(line, Math.max(asCurve, monotone)),
    isBent: asCurve <= SURE_P,
  }
}

/** Cycles of a season; else twelve blocks, or as many as have four values. */
function blocksOf(n: number, period?: number): number {
  if (period !== undefined) return Math.floor(n / period)
  return Math.min(DRIFT_BLOCKS, Math.floor(n / VALUES_A_BLOCK))
}

/** Test of a line whose errors may have memory, up to a random walk: 1 where nothing can be said. */
function persistentPValue(x: Float64Array, y: Float64Array): number {
  const points = blockMedians(x, y, CHANGE_BLOCKS)
  const middle = median(points.x)
  return (
    testWithPersistentErrors(
      [new Float64Array(points.x.length).fill(1), points.x.map((at) => at - middle)],
      points.y,
    )?.pValue ?? 1
  )
}
