export interface Moments {
  mean: number
  /** Sample standard deviation (n − 1); 0 for one value. */
  stdDev: number
  /** Adjusted Fisher–Pearson G1; null below three values or without spread. */
  skewness: number | null
  /** Sample excess kurtosis G2; null below four values or without spread. */
  kurtosis: number | null
  /** Lag-1 autocorrelation in the order given; null below two values or without spread. */
  autocorrelation: number | null
}

/** Mean by two compensated passes: the second adds back what the first one rounded away. */
export function mean(values: ArrayLike<number>): number {
  const first = compensatedSum(values) / values.length
  return first + compensatedSum(deviationsFrom(values, first)) / values.length
}

/**
 * Moments by the corrected two-pass algorithm (Chan, Golub & LeVeque 1983): deviations from the mean are corrected by
 * their own mean, so constant leading digits cost no precision (NIST NumAcc1–4). G1 and G2 as in Joanes & Gill 1998.
 * simple-statistics sums powers of deviations without compensation and throws on short input, hence own code.
 *
 * @throws RangeError when there is no value.
 */
export function moments(values: ArrayLike<number>): Moments {
  const n = values.length
  if (n === 0) throw new RangeError('moments need at least one value')
  if (isConstant(values)) {
    return { mean: values[0]!, stdDev: 0, skewness: null, kurtosis: null, autocorrelation: null }
  }
  const centre = mean(values)
  const deviations = deviationsFrom(values, centre)
  const shift = compensatedSum(deviations) / n
  for (let i = 0; i < n; i++) deviations[i] = deviations[i]! - shift
  const squares = compensatedSum(deviations.map((deviation) => deviation * deviation))
  // Spread below the resolution of doubles around 0: the squares underflow.
  if (squares === 0) return { mean: centre, stdDev: 0, skewness: null, kurtosis: null, autocorrelation: null }
  const lagged = new Float64Array(n - 1)
  for (let i = 0; i + 1 < n; i++) lagged[i] = deviations[i]! * deviations[i + 1]!
  return {
    mean: centre,
    stdDev: Math.sqrt(squares / (n - 1)),
    ...shape(deviations, Math.sqrt(squares / n)),
    autocorrelation: compensatedSum(lagged) / squares,
  }
}

/** `populationSd` divides before powers are taken, so that large values cannot overflow. */
function shape(deviations: Float64Array, populationSd: number): Pick<Moments, 'skewness' | 'kurtosis'> {
  const n = deviations.length
  const cubes = new Float64Array(n)
  const fourths = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const z = deviations[i]! / populationSd
    cubes[i] = z * z * z
    fourths[i] = z * z * z * z
  }
  const g1 = compensatedSum(cubes) / n
  const g2 = compensatedSum(fourths) / n - 3
  return {
    skewness: n < 3 ? null : (g1 * Math.sqrt(n * (n - 1))) / (n - 2),
    kurtosis: n < 4 ? null : ((n - 1) * ((n + 1) * g2 + 6)) / ((n - 2) * (n - 3)),
  }
}

/** Deviations from the mean, at least one value. */
export function centred(values: Float64Array): Float64Array {
  return deviationsFrom(values, compensatedSum(values) / values.length)
}

function deviationsFrom(values: ArrayLike<number>, centre: number): Float64Array {
  const deviations = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) deviations[i] = values[i]! - centre
  return deviations
}

function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false
  return true
}

/**
 * Sum with Neumaier's correction: the error does not grow with the number of terms.
 * simple-statistics' `sum` is the same method but takes plain arrays only; columns are typed arrays here.
 */
export function compensatedSum(values: ArrayLike<number>): number {
  let sum = 0
  let correction = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    const next = sum + value
    correction += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + correction
}
