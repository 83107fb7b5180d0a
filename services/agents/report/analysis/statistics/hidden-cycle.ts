import { leftOver } from './course-test.ts'
import { squares } from './dot-product.ts'
import { centred } from './moments.ts'

/** A cycle whose length nobody told. */
export interface HiddenCycle {
  /** It is one of the lengths that were to be expected. */
  isExpected: boolean
  /** Length in units of x. */
  period: number
  /** Of the highest peak among all frequencies that were looked at. */
  pValue: number
}

/** Cycles that must fit into the series: slower harmonics can't be told from wandering. */
const MIN_CYCLES = 4
const MIN_POINTS = 32
/** Values a cycle at least. */
const MIN_SAMPLES = 2.5
/** Bend of the noise's log spectrum that is allowed for: cosines, as in Bloomfield's (1973) exponential model. */
const COSINES = 2
const EULER = 0.5772156649015329
/** Ratios to the background are pulled in at so many times what noise has on average: a peak must not lift its own background. */
const MAX_RATIO = 3
/** What is left of the average of noise, an exponential variable, when it is pulled in there. */
const PULLED_MEAN = 1 - Math.exp(-MAX_RATIO)
/** Steps from logarithms to the likelihood; the fit no longer moves then. */
const PASSES = 8
/** Between two frequencies of the periodogram one more is looked at: cycles that lie there would be cut in two. */
const OVERSAMPLING = 2
/** Steps between two frequencies at which the top of a peak is sought. */
const FINE_STEPS = 20

/**
 * The length of a cycle in an evenly or unevenly spaced series (Lomb 1976, Scargle 1982), tested against noise with memory: each value of the
 * periodogram, and each sum of three neighbours, against the smooth spectrum of the rest (Bloomfield's exponential model by Whittle's
 * likelihood), which is itself estimated, for all frequencies together (Šidák). Pure.
 *
 * Lengths that are to be expected, such as a year, have half of the allowance for themselves: they need not pay for the search among all others.
 *
 * @param x ascending
 * @param y no trend, no known season
 * @param expected lengths in units of x
 * @returns null below 32 points, or when all values are alike.
 */
export function hiddenCycle(
  x: Float64Array,
  y: Float64Array,
  expected: readonly number[] = [],
): HiddenCycle | null {
  if (y.length < MIN_POINTS) return null
  const line = x.map((at) => at - x[0]!)
  const ones = new Float64Array(y.length).fill(1)
  const plain = leftOver([ones, line], y)
  const size = squares(plain)
  if (!(size > 0) || size < 1e-18 * squares(y)) return null
  const series = whitened(x, plain, lagOne(plain, size))
  const count = series.y.length
  const span = ((series.x[count - 1]! - series.x[0]!) * count) / (count - 1)
  const powers = periodogram(series, span)
  const background = smoothSpectrum(powers)
  if (!background) return null
  const surenessAt = sureness(powers.length)
  const peak = highestPeak(
    { ratios: powers.map((power, k) => power / background[k]!), sureness: surenessAt },
    {
      from: OVERSAMPLING * MIN_CYCLES - 1,
      to: Math.floor((OVERSAMPLING * count) / MIN_SAMPLES),
    },
  )
  const known = surestOf(expected, { series, span, background, sureness: surenessAt })
  if (known && known.pValue < peak.pValue)
    return { ...known, pValue: Math.min(1, 2 * known.pValue), isExpected: true }
  return {
    isExpected: false,
    period: span / topOf(series, { span, near: (peak.at + 1) / OVERSAMPLING }),
    pValue: known ? Math.min(1, 2 * peak.pValue) : peak.pValue,
  }
}

/** Without its lag-1 memory, where values are evenly spaced: wandering would leak into all frequencies. A line spectrum stays one. */
function whitened(x: Float64Array, y: Float64Array, memory: number): Points {
  if (!isEvenlySpaced(x) || memory <= 0) return { x, y }
  return { x: x.subarray(1), y: centred(y.subarray(1).map((value, i) => value - memory * y[i]!)) }
}

interface Points {
  x: Float64Array
  y: Float64Array
}

/** Power at ½, 1, 1½ … cycles a span, up to n/2; noise without memory has mean 1 in units of its variance. */
function periodogram(points: Points, span: number): Float64Array {
  const count = OVERSAMPLING * Math.floor((points.y.length - 1) / 2)
  if (isEvenlySpaced(points.x)) return evenPeriodogram(points.y, count)
  return unevenPeriodogram(points, { count, step: (2 * Math.PI) / OVERSAMPLING / span })
}

/** Whether no moment is a tenth of a step away from its place in even steps. Pure. */
export function isEvenlySpaced(x: Float64Array): boolean {
  const step = (x[x.length - 1]! - x[0]!) / (x.length - 1)
  return x.every((at, i) => Math.abs(at - x[0]! - i * step) <= 0.1 * step)
}

/** By a table of the circle: no sine is computed twice. */
function evenPeriodogram(y: Float64Array, count: number): Float64Array {
  const n = y.length
  const circle = OVERSAMPLING * n
  const cosines = Float64Array.from({ length: circle }, (_, i) => Math.cos((2 * Math.PI * i) / circle))
  const sines = Float64Array.from({ length: circle }, (_, i) => Math.sin((2 * Math.PI * i) / circle))
  return Float64Array.from({ length: count }, (_, k) => {
    let [a, b, at] = [0, 0, 0]
    for (let i = 0; i < n; i++) {
      a += y[i]! * cosines[at]!
      b += y[i]! * sines[at]!
      at += k + 1
      if (at >= circle) at -= circle
    }
    return (a * a + b * b) / n
  })
}

/** Lomb and Scargle's at 1, 2, 3 … times the smallest frequency: each time's angle is turned on from frequency to frequency. */
function unevenPeriodogram({ x, y }: Points, { count, step }: { count: number; step: number }): Float64Array {
  const turn = x.map((at) => step * (at - x[0]!))
  const [turnCosines, turnSines] = [turn.map(Math.cos), turn.map(Math.sin)]
  const cosines = new Float64Array(x.length).fill(1)
  const sines = new Float64Array(x.length)
  return Float64Array.from({ length: count }, () => {
    for (let i = 0; i < x.length; i++) {
      const [c, s] = [cosines[i]!, sines[i]!]
      cosines[i] = c * turnCosines[i]! - s * turnSines[i]!
      sines[i] = s * turnCosines[i]! + c * turnSines[i]!
    }
    return orthogonalPower(y, cosines, sines)
  })
}

function power({ x, y }: Points, omega: number): number {
  const [cosines, sines] = [new Float64Array(x.length), new Float64Array(x.length)]
  for (let i = 0; i < x.length; i++) {
    const angle = omega * (x[i]! - x[0]!)
    cosines[i] = Math.cos(angle)
    sines[i] = Math.sin(angle)
  }
  return orthogonalPower(y, cosines, sines)
}

/** With sine and cosine shifted so that they are orthogonal at the times that there are (Scargle 1982). */
function orthogonalPower(y: Float64Array, cosines: Float64Array, sines: Float64Array): number {
  let [twiceCosine, twiceSine] = [0, 0]
  for (let i = 0; i < y.length; i++) {
    const [c, s] = [cosines[i]!, sines[i]!]
    twiceCosine += c * c - s * s
    twiceSine += 2 * s * c
  }
  const shift = Math.atan2(twiceSine, twiceCosine) / 2
  const [cosShift, sinShift] = [Math.cos(shift), Math.sin(shift)]
  let [a, b, aa, bb] = [0, 0, 0, 0]
  for (let i = 0; i < y.length; i++) {
    const cosine = cosines[i]! * cosShift + sines[i]! * sinShift
    const sine = sines[i]! * cosShift - cosines[i]! * sinShift
    a += y[i]! * cosine
    b += y[i]! * sine
    aa += cosine * cosine
    bb += sine * sine
  }
  return (aa > 0 ? (a * a) / aa : 0) / 2 + (bb > 0 ? (b * b) / bb : 0) / 2
}

/**
 * The spectrum of the noise, its logarithm a few cosines; null where there is no noise. By Whittle's likelihood from the logarithms on, whose
 * lowest values alone would tear a hole into the background, and a peak over it.
 */
function smoothSpectrum(powers: Float64Array): Float64Array | null {
  const tiny = 1e-12 * powers.reduce((sum, value) => sum + value, 0)
  if (!(tiny > 0)) return null
  const columns = cosinesOf(powers.length)
  let smooth = fitted(
    columns,
    powers.map((value) => Math.log(value + tiny) + EULER),
  )
  for (let pass = 0; pass < PASSES; pass++) {
    const working = powers.map(
      (value, k) => smooth[k]! + Math.min(MAX_RATIO, value / Math.exp(smooth[k]!)) / PULLED_MEAN - 1,
    )
    smooth = fitted(columns, working)
  }
  return smooth.map(Math.exp)
}

function cosinesOf(count: number): Float64Array[] {
  return Array.from({ length: COSINES + 1 }, (_, order) =>
    Float64Array.from({ length: count }, (_, k) => Math.cos((Math.PI * order * (k + 1)) / (count + 1))),
  )
}

function fitted(columns: readonly Float64Array[], values: Float64Array): Float64Array {
  const left = leftOver(columns, values)
  return values.map((value, k) => value - left[k]!)
}

/**
 * How surely the background is known at each frequency: half the degrees of freedom of a variable that varies as much, the inverse of the leverage
 * there. The cosines are orthogonal, so it is a sum of squares. Fewer at the ends, where cycles are long.
 */
function sureness(count: number): Float64Array {
  const columns = cosinesOf(count)
  const sizes = columns.map(squares)
  return Float64Array.from({ length: count }, (_, k) => {
    const leverage = columns.reduce((sum, column, order) => sum + column[k]! ** 2 / sizes[order]!, 0)
    return 1 / leverage
  })
}

/** Ratios to a background that is itself estimated have F distributions. `sureness`: half the degrees of freedom of the background. */
interface Spectrum {
  ratios: Float64Array
  sureness: Float64Array
}

function highestPeak(
  { ratios, sureness }: Spectrum,
  { from, to }: { from: number; to: number },
): { at: number; pValue: number } {
  // Logarithms of shares: those of clear peaks are too small for numbers.
  let best = { at: from, log: 0 }
  const end = Math.min(to, ratios.length)
  for (let k = from; k < end; k++) {
    const half = sureness[k]!
    const own = -half * Math.log1p(ratios[k]! / half)
    if (own < best.log) best = { at: k, log: own }
    if (k - OVERSAMPLING < from - 1 || k + OVERSAMPLING >= end) continue
    const sum = ratios[k - OVERSAMPLING]! + ratios[k]! + ratios[k + OVERSAMPLING]!
    // A sum of three: cycles that keep no strict time spread over several frequencies. Negative binomial, as F with six degrees is.
    const share = sum / (half + sum)
    const log =
      Math.log(1 + half * share + ((half * (half + 1)) / 2) * share ** 2) - half * Math.log1p(sum / half)
    if (log < best.log) best = { at: k, log }
  }
  // Bonferroni's kin over all that was looked at, those between two frequencies too.
  const tried = 2 * Math.max(1, end - from)
  const share = Math.min(Math.exp(best.log), 1 - 1e-12)
  return { at: best.at, pValue: -Math.expm1(tried * Math.log1p(-share)) }
}

/** The expected length that stands out most, of those that come again often enough; Bonferroni among them. */
function surestOf(
  expected: readonly number[],
  {
    series,
    span,
    background,
    sureness,
  }: { series: Points; span: number; background: Float64Array; sureness: Float64Array },
): { period: number; pValue: number } | undefined {
  const tested = expected.flatMap((period) => {
    const cycles = span / period
    if (cycles < MIN_CYCLES || series.y.length / cycles < MIN_SAMPLES) return []
    const k = Math.min(background.length, Math.max(1, Math.round(OVERSAMPLING * cycles))) - 1
    const ratio = power(series, (2 * Math.PI) / period) / background[k]!
    return [{ period, pValue: Math.exp(-sureness[k]! * Math.log1p(ratio / sureness[k]!)) }]
  })
  const best = tested.toSorted((a, b) => a.pValue - b.pValue)[0]
  return best && { period: best.period, pValue: Math.min(1, tested.length * best.pValue) }
}

/** Where, in cycles a span, the peak about a frequency is highest. */
function topOf(points: Points, { span, near }: { span: number; near: number }): number {
  let best = { at: near, power: -1 }
  for (let step = -FINE_STEPS * 1.5; step <= FINE_STEPS * 1.5; step++) {
    const at = near + step / FINE_STEPS
    const found = power(points, (2 * Math.PI * at) / span)
    if (found > best.power) best = { at, power: found }
  }
  return best.at
}

function lagOne(values: Float64Array, size: number): number {
  let products = 0
  for (let i = 1; i < values.length; i++) products += values[i]! * values[i - 1]!
  return products / size
}
