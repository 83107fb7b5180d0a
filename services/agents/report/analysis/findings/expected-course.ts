import { median } from '#platform/statistics/median.ts'
import type { LevelModel } from '../statistics/change-points.ts'
import { robustLoess } from '../statistics/loess.ts'
import { monotoneTrend } from '../statistics/monotone-trend.ts'
import type { SeasonalityFinding } from './season-finding.ts'

/** What is known of the course of a series. */
export interface CourseParts {
  x: Float64Array
  /** Without its seasons. */
  adjusted: Float64Array
  /** What the seasons add. */
  season: Float64Array
  seasons: readonly SeasonalityFinding[]
  model: Pick<LevelModel, 'shape' | 'changePoints'>
  isBent: boolean
}

/** Share of a bent series that a local line reaches over. */
const BEND_WINDOW = 0.35

/** What is ordinary at each point: the season on top of levels, a line, or a course that bends. Pure. */
export function expectedCourse({ x, adjusted, season, seasons, model, isBent }: CourseParts): Float64Array {
  const told = seasons.length === 1 ? seasons[0]!.decomposition : undefined
  if (told && model.changePoints.length === 0) return told.trend.map((value, i) => value + told.season[i]!)
  const level =
    model.changePoints.length > 0
      ? expectedLevels(x, adjusted, model)
      : smoothCourse(x, adjusted, { shape: model.shape, isBent })
  return level.map((value, i) => value + season[i]!)
}

function smoothCourse(
  x: Float64Array,
  y: Float64Array,
  { shape, isBent }: { shape: LevelModel['shape']; isBent: boolean },
): Float64Array {
  if (isBent) return robustLoess(y, Math.max(7, Math.round(BEND_WINDOW * y.length)))
  if (shape === 'constant') return new Float64Array(y.length).fill(median(y))
  return expectedLevels(x, y, { shape, changePoints: [] })
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
