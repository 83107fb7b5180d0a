import { median } from '#platform/statistics/median.ts'
import type { SeasonalityFinding } from './season-finding.ts'

/** Values at each end whose median stands for it, where single values scatter. */
const END_VALUES = 5
/** Steps from value to value that are this small beside the whole change make no end doubtful. */
const SMOOTH = 0.05

/** First and last value as they stand in the data; of noisy series the medians of a few, of seasonal ones of a cycle. Pure. */
export function observedEnds(
  y: Float64Array,
  seasons: readonly SeasonalityFinding[],
): { first: number; last: number } {
  const [first, last] = [y[0]!, y[y.length - 1]!]
  const steps = y.subarray(1).map((value, i) => Math.abs(value - y[i]!))
  if (seasons.length === 0 && median(steps) <= SMOOTH * Math.abs(last - first)) return { first, last }
  const few = Math.max(1, Math.min(END_VALUES, Math.floor(y.length / 10)))
  // A cycle that fills much of the series is no end of it.
  const cycles = seasons.map(({ seasonality }) => seasonality.period).filter((n) => n <= y.length / 3)
  const size = Math.max(few, ...cycles)
  return { first: median(y.subarray(0, size)), last: median(y.subarray(-size)) }
}
