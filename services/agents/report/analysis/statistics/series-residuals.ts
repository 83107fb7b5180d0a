import { blockMedians, MAD_TO_SD, median, medianAbsoluteDeviation } from '#platform/statistics/median.ts'
import { theilSen } from './theil-sen.ts'

/** Theil–Sen looks at all pairs of this many blocks. */
const LINE_BLOCKS = 300
/** Cycles that must be there before a season can be told from the course. */
const MIN_CYCLES = 3
/** Beyond so many scaled median deviations a value is pulled in: one outlier must not decide over the autoregression. */
const CLIP_AT = 5

/**
 * A series without its robust line and, given a period, without its season: the median of each phase. Outliers are pulled in.
 * Null when hardly anything is left: of an exact line there is nothing more to learn.
 *
 * @param y in order of time, evenly spaced
 * @param period observations a cycle
 */
export function seriesResiduals(y: Float64Array, period?: number): Float64Array | null {
  let residuals = withoutLine(y)
  if (period !== undefined && phasesTakenOut(y.length, period) > 0) {
    removePhases(residuals, period)
    // A season that stands aslant bends the first line: once it is gone, the rest of the slope shows.
    residuals = withoutLine(residuals)
  }
  const centre = median(residuals)
  const spread = MAD_TO_SD * medianAbsoluteDeviation(residuals, centre)
  const magnitude = y.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  if (residuals.every((value) => Math.abs(value - centre) <= magnitude * 1e-12)) return null
  const limit = spread > 0 ? CLIP_AT * spread : Number.POSITIVE_INFINITY
  return residuals.map((value) => Math.max(-limit, Math.min(limit, value - centre)))
}

/** How many levels of phases are taken out of so many values; none where there are fewer than three cycles. */
export function phasesTakenOut(count: number, period = 0): number {
  return period > 1 && count >= MIN_CYCLES * period ? period : 0
}

function withoutLine(y: Float64Array): Float64Array {
  const blocks = blockMedians(positionsOf(y), y, LINE_BLOCKS)
  const line = theilSen(blocks.x, blocks.y)
  return line ? y.map((value, i) => value - line.intercept - line.slope * i) : new Float64Array(y)
}

function positionsOf({ length }: Float64Array): Float64Array {
  const positions = new Float64Array(length)
  for (let i = 0; i < length; i++) positions[i] = i
  return positions
}

function removePhases(residuals: Float64Array, period: number): void {
  for (let phase = 0; phase < period; phase++) {
    const count = Math.ceil((residuals.length - phase) / period)
    const effect = median(Float64Array.from({ length: count }, (_, i) => residuals[phase + i * period]!))
    for (let i = phase; i < residuals.length; i += period) residuals[i]! -= effect
  }
}
