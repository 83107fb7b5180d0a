/** How a series is smoothed: local lines with tricube weights. */
export interface LoessSpan {
  /** Values that a local line reaches over, odd. */
  window: number
  /** Every how many values a line is fitted; between them the smooth is interpolated. 1 fits everywhere. */
  jump?: number
  /** Weight of each value beside its distance, as robust fits have them. */
  weights?: Float64Array | undefined
}

/** Weight is full nearer than this share of the reach, and none beyond its complement: as in Cleveland's STL code. */
const EDGE = 0.001

/** Smooths evenly spaced values by local lines (Cleveland 1979), as STL uses it. Pure. */
export function loess(y: Float64Array, { window, jump = 1, weights }: LoessSpan): Float64Array {
  const n = y.length
  if (n < 2) return Float64Array.from(y)
  const smooth = new Float64Array(n)
  const every = Math.min(jump, n - 1)
  const half = Math.floor((window + 2) / 2)
  let last = 0
  for (let i = 0; i < n; i = i === n - 1 ? n : Math.min(i + every, n - 1)) {
    const left = window >= n ? 0 : Math.max(0, Math.min(n - window, i + 1 - half))
    const right = window >= n ? n - 1 : left + window - 1
    smooth[i] = localLine(y, { at: i, left, right, window, weights }) ?? y[i]!
    for (let k = last + 1; k < i; k++)
      smooth[k] = smooth[last]! + ((smooth[i]! - smooth[last]!) * (k - last)) / (i - last)
    last = i
  }
  return smooth
}

/** Where a local line is fitted: `at` may lie outside of the values. */
export interface LocalFit {
  at: number
  /** First and last value that it uses. */
  left: number
  right: number
  window: number
  weights?: Float64Array | undefined
}

/** Value of the local line at a place; null where all values weigh nothing. */
export function localLine(y: Float64Array, { at, left, right, window, weights }: LocalFit): number | null {
  const n = y.length
  let reach = Math.max(at - left, right - at)
  if (window > n) reach += Math.floor((window - n) / 2)
  const w = new Float64Array(right - left + 1)
  let total = 0
  for (let j = left; j <= right; j++) {
    const distance = Math.abs(j - at)
    if (distance > (1 - EDGE) * reach) continue
    const near = distance <= EDGE * reach ? 1 : (1 - (distance / reach) ** 3) ** 3
    w[j - left] = near * (weights ? weights[j]! : 1)
    total += w[j - left]!
  }
  if (total <= 0) return null
  let middle = 0
  for (let j = left; j <= right; j++) middle += (w[j - left]! / total) * j
  let spread = 0
  for (let j = left; j <= right; j++) spread += (w[j - left]! / total) * (j - middle) ** 2
  const tilt = reach > 0 && Math.sqrt(spread) > EDGE * (n - 1) ? (at - middle) / spread : 0
  let value = 0
  for (let j = left; j <= right; j++) value += (w[j - left]! / total) * (1 + tilt * (j - middle)) * y[j]!
  return value
}

/** Six median absolute residuals away a value counts for nothing (Cleveland 1979). */
const NOTHING_BEYOND = 6
const PASSES = 4
const FITS_A_WINDOW = 10

/** Bisquare weights of residuals: 1 for the smallest, 0 for what is far out. Pure. */
export function robustWeights(residuals: Float64Array): Float64Array {
  const distances = residuals.map(Math.abs)
  const sorted = distances.toSorted()
  const n = residuals.length
  const middle = (sorted[Math.floor(n / 2)]! + sorted[n - Math.floor(n / 2) - 1]!) / 2
  const reach = NOTHING_BEYOND * middle
  if (reach === 0) return new Float64Array(n).fill(1)
  return distances.map((distance) => {
    if (distance <= EDGE * reach) return 1
    return distance <= (1 - EDGE) * reach ? (1 - (distance / reach) ** 2) ** 2 : 0
  })
}

/** A smooth that single values far out do not move; fitted at ten places a window, between them in lines. Pure. */
export function robustLoess(y: Float64Array, window: number): Float64Array {
  const span = { window: window % 2 === 1 ? window : window + 1, jump: Math.ceil(window / FITS_A_WINDOW) }
  let smooth = loess(y, span)
  for (let pass = 0; pass < PASSES; pass++) {
    const weights = robustWeights(y.map((value, i) => value - smooth[i]!))
    smooth = loess(y, { ...span, weights })
  }
  return smooth
}
