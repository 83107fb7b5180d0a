/** x(t) = Σ coefficients[k] · x(t − 1 − k) + innovation. */
export interface Autoregression {
  coefficients: number[]
}

/** Enough for a year of months and three weeks of days; more would cost more than it tells. */
const MAX_ORDER = 24
/** Values a coefficient, at least. */
const VALUES_PER_LAG = 6

/**
 * Autoregression by Burg's method, its order by the corrected Akaike criterion, from `minOrder` up. Stable, also near a unit root.
 *
 * @param series centred
 */
export function fitAutoregression(series: Float64Array, minOrder = 1): Autoregression {
  const n = series.length
  const maxOrder = Math.max(minOrder, Math.min(MAX_ORDER, Math.floor(n / VALUES_PER_LAG)))
  const forward = new Float64Array(series)
  const backward = new Float64Array(series)
  let power = meanSquare(series)
  let coefficients: number[] = []
  let best = {
    coefficients: [] as number[],
    criterion: minOrder > 0 ? Number.POSITIVE_INFINITY : criterionOf(power, n, 0),
  }
  const enough = power * 1e-12
  for (let order = 1; order <= maxOrder && power > enough; order++) {
    const reflection = reflectionOf(forward, backward, order)
    coefficients = levinsonStep(coefficients, reflection)
    power *= 1 - reflection * reflection
    const criterion = criterionOf(power, n, order)
    if (order >= minOrder && criterion < best.criterion) best = { coefficients, criterion }
    advance(forward, backward, { order, reflection })
  }
  return { coefficients: best.coefficients }
}

/** What the autoregression leaves of a series, from the first value that has all its forerunners: as many fewer as its order. */
export function filtered(series: ArrayLike<number>, { coefficients }: Autoregression): Float64Array {
  const order = coefficients.length
  const left = new Float64Array(Math.max(0, series.length - order))
  for (let i = 0; i < left.length; i++) {
    let value = series[i + order]!
    for (let k = 0; k < order; k++) value -= coefficients[k]! * series[i + order - 1 - k]!
    left[i] = value
  }
  return left
}

function reflectionOf(forward: Float64Array, backward: Float64Array, order: number): number {
  let products = 0
  let squares = 0
  for (let t = order; t < forward.length; t++) {
    products += forward[t]! * backward[t - 1]!
    squares += forward[t]! ** 2 + backward[t - 1]! ** 2
  }
  return squares > 0 ? (2 * products) / squares : 0
}

function levinsonStep(coefficients: readonly number[], reflection: number): number[] {
  const order = coefficients.length
  return [...coefficients.map((c, k) => c - reflection * coefficients[order - 1 - k]!), reflection]
}

function advance(
  forward: Float64Array,
  backward: Float64Array,
  { order, reflection }: { order: number; reflection: number },
): void {
  for (let t = forward.length - 1; t >= order; t--) {
    const f = forward[t]!
    const b = backward[t - 1]!
    forward[t] = f - reflection * b
    backward[t] = b - reflection * f
  }
}

function criterionOf(power: number, n: number, order: number): number {
  const parameters = order + 2
  if (n - parameters - 1 <= 0) return Number.POSITIVE_INFINITY
  return n * Math.log(power) + 2 * parameters + (2 * parameters * (parameters + 1)) / (n - parameters - 1)
}

function meanSquare(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return values.length === 0 ? 0 : sum / values.length
}
