import { medianAbsoluteDeviation, sortedCopy } from '#platform/statistics/median.ts'
import { percentile } from '#platform/statistics/percentile.ts'
import type { NumericSummary } from '#schemas/analysis.ts'
import { distributionShape } from './distribution-shape.ts'
import { moments } from './moments.ts'

const MIN_BINS = 5
const MAX_BINS = 40
/** Outside this range squares or their sums may leave the doubles: the summary is then made of scaled values. */
const SAFE = { low: 1e-100, high: 1e100 }

/**
 * Everything that is said of a column of numbers. Every result is finite, for any finite input: extreme magnitudes are
 * scaled by a power of two, which is exact, and scaled back, bounded by the largest double.
 *
 * @param values without missing ones, in row order
 * @param ascending the same in ascending order, where that is known
 * @throws RangeError when there is no value.
 */
export function numericSummary(
  values: Float64Array,
  missing: number,
  ascending: Float64Array = sortedCopy(values),
): NumericSummary {
  const scale = scaleOf(values)
  const scaled = (sizes: Float64Array) => (scale === 1 ? sizes : sizes.map((value) => value / scale))
  const summary = summarise(scaled(values), missing, scaled(ascending))
  return scale === 1 ? summary : rescale(summary, scale)
}

/**
 * Whether squares of these values and of their differences, and ratios of those, stay inside the doubles, so that methods other
 * than the summary may run: a table that has 1 and 5e-324 in one column is of no use to them.
 */
export function hasOrdinaryMagnitude(values: Float64Array): boolean {
  if (scaleOf(values) !== 1) return false
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!)
    if (size <= SAFE.low && size !== 0) return false
  }
  return true
}

function summarise(values: Float64Array, missing: number, sorted: Float64Array): NumericSummary {
  const { mean, stdDev, skewness, kurtosis, autocorrelation } = moments(values)
  const median = percentile(sorted, 0.5)
  return {
    count: values.length,
    missing,
    mean,
    median,
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!,
    q1: percentile(sorted, 0.25),
    q3: percentile(sorted, 0.75),
    stdDev,
    mad: medianAbsoluteDeviation(values, median),
    skewness,
    kurtosis,
    autocorrelation,
    histogram: histogram(sorted),
    distribution: distributionShape(sorted, kurtosis),
  }
}

/** Equal-width bins after Freedman & Diaconis, 5 to 40; one bin for a constant. */
function histogram(sorted: Float64Array): NumericSummary['histogram'] {
  const low = sorted[0]!
  const high = sorted[sorted.length - 1]!
  if (low === high) return [{ low, high, count: sorted.length }]
  const iqr = percentile(sorted, 0.75) - percentile(sorted, 0.25)
  const wanted =
    iqr > 0 ? (high - low) / ((2 * iqr) / Math.cbrt(sorted.length)) : Math.log2(sorted.length) + 1
  const count = Math.max(MIN_BINS, Math.min(MAX_BINS, Math.ceil(wanted)))
  const edge = (i: number) => (i === count ? high : low + ((high - low) * i) / count)
  const bins = Array.from({ length: count }, (_, i) => ({ low: edge(i), high: edge(i + 1), count: 0 }))
  let bin = 0
  for (const value of sorted) {
    while (bin < count - 1 && value >= bins[bin]!.high) bin++
    bins[bin]!.count++
  }
  return bins
}

/** 1, or the power of two that brings the largest magnitude to about 1. */
function scaleOf(values: Float64Array): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!)
    if (size > largest) largest = size
  }
  const ordinary = largest === 0 || (largest > SAFE.low && largest < SAFE.high)
  return ordinary ? 1 : 2 ** Math.max(-1022, Math.min(1023, Math.floor(Math.log2(largest))))
}

function rescale(summary: NumericSummary, scale: number): NumericSummary {
  const back = (value: number) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value * scale))
  const { mean, median, min, max, q1, q3, stdDev, mad } = summary
  return {
    ...summary,
    mean: back(mean),
    median: back(median),
    min: back(min),
    max: back(max),
    q1: back(q1),
    q3: back(q3),
    stdDev: back(stdDev),
    mad: back(mad),
    histogram: summary.histogram.map((bin) => ({ ...bin, low: back(bin.low), high: back(bin.high) })),
  }
}
