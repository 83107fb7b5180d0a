import { median } from '#platform/statistics/median.ts'
import type { SeasonalityFinding } from './season-finding.ts'

/** Share of the values that stands for an end where single values scatter, by their median: its error is then small beside the whole change. */
const END_SHARE = 0.05
const MIN_VALUES = 5
/** A median of so many values is eight times as sure as one value: more only moves the ends inwards. */
const MAX_VALUES = 100
/** Of short series: an end is an end, no third of the whole. */
const MAX_SHARE = 0.1
/** Steps from value to value that are this small beside the whole change make no end doubtful. */
const SMOOTH = 0.05
/** An end this far from its neighbour, beside the whole change, is a value out of the ordinary. */
const ODD_END = 0.2

/** Where a series begins and ends, in units of the column and within what was observed. */
export interface ObservedEnds {
  first: number
  last: number
  /** How many values each end is the median of. */
  values: number
}

/**
 * First and last value as they stand in the data; of noisy series the medians of a twentieth of the values (5 to 100) at each end, of
 * seasonal ones of whole cycles. Pure.
 *
 * @param y in order of time
 */
export function observedEnds(y: Float64Array, seasons: readonly SeasonalityFinding[]): ObservedEnds {
  const share = Math.min(MAX_VALUES, Math.max(MIN_VALUES, Math.round(END_SHARE * y.length)))
  const few = Math.max(1, Math.min(share, Math.floor(MAX_SHARE * y.length)))
  if (seasons.length === 0 && isSmooth(y, few)) return { first: y[0]!, last: y[y.length - 1]!, values: 1 }
  // A cycle that fills much of the series is no end of it.
  const cycles = seasons.map(({ seasonality }) => seasonality.period).filter((n) => n <= y.length / 3)
  const cycle = Math.max(1, ...cycles)
  const values = Math.round(cycle * Math.max(1, Math.round(few / cycle)))
  return { ...mediansOf(y, values), values }
}

function isSmooth(y: Float64Array, few: number): boolean {
  const steps = y.subarray(1).map((value, i) => Math.abs(value - y[i]!))
  const { first, last } = mediansOf(y, few)
  const change = Math.abs(last - first)
  return median(steps) <= SMOOTH * change && Math.max(steps[0]!, steps.at(-1)!) <= ODD_END * change
}

function mediansOf(y: Float64Array, values: number): { first: number; last: number } {
  return { first: median(y.subarray(0, values)), last: median(y.subarray(-values)) }
}
