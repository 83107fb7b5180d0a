/** Largest to smallest value from which it matters on which scale a series is looked at. */
const MIN_RANGE = 2
/** Log likelihood by which the logarithms must do better. */
const CLEARLY_BETTER = 4
const MIN_POINTS = 12

/**
 * Whether a series changes by factors rather than by amounts: the profile likelihood of Box & Cox (1964), identity against logarithm, of the
 * differences over one cycle, so that neither trend nor season nor memory decides. Pure.
 *
 * @param y in order of time
 * @param cycle values a season, 1 without one
 */
export function isMultiplicative(y: Float64Array, cycle = 1): boolean {
  const lag = y.length >= MIN_POINTS + cycle ? cycle : 1
  if (y.length < MIN_POINTS) return false
  let [low, high, logs] = [Number.POSITIVE_INFINITY, 0, 0]
  for (let i = 0; i < y.length; i++) {
    low = Math.min(low, y[i]!)
    high = Math.max(high, y[i]!)
    if (i >= lag) logs += Math.log(y[i]!)
  }
  if (!(low > 0) || high < MIN_RANGE * low) return false
  const count = y.length - lag
  const plain = differenceVariance(y, lag)
  const relative = differenceVariance(y.map(Math.log), lag)
  if (!(plain > 0 && relative > 0)) return false
  return (count / 2) * Math.log(plain / relative) - logs > CLEARLY_BETTER
}

function differenceVariance(y: Float64Array, lag: number): number {
  let [sum, squares] = [0, 0]
  for (let i = lag; i < y.length; i++) {
    const change = y[i]! - y[i - lag]!
    sum += change
    squares += change * change
  }
  const count = y.length - lag
  return (squares - (sum * sum) / count) / count
}
