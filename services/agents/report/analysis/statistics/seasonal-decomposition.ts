import { localLine, loess, robustWeights } from './loess.ts'

/** A series as a sum: trend + season + what is left. */
export interface SeasonalDecomposition {
  trend: Float64Array
  season: Float64Array
  /** Robustness weights, 0 for a value that counts for nothing. */
  weights: Float64Array
}

export interface DecompositionOptions {
  /** Values a cycle, at least 2. */
  period: number
  /** Odd windows of the smoothers, in cycles (`seasonal`) and in values. */
  seasonal?: number
  trend?: number
  /** Every how many values the smoothers are fitted; 1 fits everywhere. */
  jumps?: { seasonal: number; trend: number; lowPass: number }
  /** Passes of the inner loop, and of the robust outer loop (0: not robust). */
  inner?: number
  outer?: number
}

/** As statsmodels has it for robust fits. */
const ROBUST = { inner: 2, outer: 15 }
const DEFAULT_SEASONAL = 7

/**
 * Seasonal-trend decomposition by loess (STL; Cleveland, Cleveland, McRae & Terpenning 1990), robust by default: seasons may change slowly,
 * trends may bend, and single odd values move neither. All smoothers are local lines. The same numbers as statsmodels' `STL`.
 *
 * @param y evenly spaced, in order of time, at least two cycles
 */
export function seasonalDecomposition(y: Float64Array, options: DecompositionOptions): SeasonalDecomposition {
  const n = y.length
  const windows = windowsOf(options)
  const { inner = ROBUST.inner, outer = ROBUST.outer } = options
  const state = { trend: new Float64Array(n), season: new Float64Array(n) }
  let weights: Float64Array | undefined
  for (let pass = 0; pass <= outer; pass++) {
    for (let k = 0; k < inner; k++) refine(y, state, { ...windows, weights })
    if (pass < outer) weights = robustWeights(y.map((value, i) => value - state.trend[i]! - state.season[i]!))
  }
  return { ...state, weights: weights ?? new Float64Array(n).fill(1) }
}

interface Windows {
  period: number
  seasonal: number
  trend: number
  lowPass: number
  jumps: { seasonal: number; trend: number; lowPass: number }
}

function windowsOf({ period, seasonal = DEFAULT_SEASONAL, trend, jumps }: DecompositionOptions): Windows {
  return {
    period,
    seasonal,
    trend: trend ?? odd(Math.ceil((1.5 * period) / (1 - 1.5 / seasonal))),
    lowPass: odd(period + 1),
    jumps: jumps ?? { seasonal: 1, trend: 1, lowPass: 1 },
  }
}

function odd(window: number): number {
  return window % 2 === 1 ? window : window + 1
}

/** One pass of the inner loop: the season of what the trend leaves, then the trend of what the season leaves. */
function refine(
  y: Float64Array,
  state: { trend: Float64Array; season: Float64Array },
  windows: Windows & { weights: Float64Array | undefined },
): void {
  const { period, lowPass, trend, jumps, weights } = windows
  const cycles = smoothedCycles(
    y.map((value, i) => value - state.trend[i]!),
    windows,
  )
  const slow = loess(movingAverage(movingAverage(movingAverage(cycles, period), period), 3), {
    window: lowPass,
    jump: jumps.lowPass,
  })
  state.season = slow.map((value, i) => cycles[period + i]! - value)
  state.trend = loess(
    y.map((value, i) => value - state.season[i]!),
    { window: trend, jump: jumps.trend, weights },
  )
}

/** Each phase smoothed over its cycles, and one cycle more at each end: n + 2 · period values. */
function smoothedCycles(
  y: Float64Array,
  { period, seasonal, jumps, weights }: Windows & { weights: Float64Array | undefined },
): Float64Array {
  const n = y.length
  const cycles = new Float64Array(n + 2 * period)
  for (let phase = 0; phase < period; phase++) {
    const count = Math.floor((n - phase - 1) / period) + 1
    const pick = (values: Float64Array) =>
      Float64Array.from({ length: count }, (_, i) => values[phase + i * period]!)
    const own = pick(y)
    const ownWeights = weights && pick(weights)
    const smooth = loess(own, { window: seasonal, jump: jumps.seasonal, weights: ownWeights })
    const fit = { window: seasonal, weights: ownWeights }
    const before = localLine(own, { ...fit, at: -1, left: 0, right: Math.min(seasonal, count) - 1 })
    const after = localLine(own, {
      ...fit,
      at: count,
      left: Math.max(0, count - seasonal),
      right: count - 1,
    })
    cycles[phase] = before ?? smooth[0]!
    smooth.forEach((value, i) => {
      cycles[phase + (i + 1) * period] = value
    })
    cycles[phase + (count + 1) * period] = after ?? smooth[count - 1]!
  }
  return cycles
}

function movingAverage(values: Float64Array, window: number): Float64Array {
  const left = new Float64Array(values.length - window + 1)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!
    if (i >= window) sum -= values[i - window]!
    if (i >= window - 1) left[i - window + 1] = sum / window
  }
  return left
}
