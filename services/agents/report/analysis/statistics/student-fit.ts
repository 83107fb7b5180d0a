import { gammaln } from 'simple-statistics'
import { MAD_TO_SD } from '#platform/statistics/median.ts'
import { studentTwoSided } from './probability.ts'

/** A centred Student t distribution, and how likely it makes some values. */
export interface StudentFit {
  degrees: number
  scale: number
  logLikelihood: number
}

/** Degrees of freedom that are weighed against each other, the heaviest tails first. */
export const STUDENT_DEGREES = [1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 30, 100]

/**
 * The most likely scale at each of twelve degrees of freedom. Values beyond the largest that is given are known by their number only
 * (type II censoring): left out, they would make every tail look lighter than it is.
 *
 * @param distances from 0, ascending
 * @param beyond how many more values lie beyond the last
 */
export function studentProfile(distances: Float64Array, beyond: number): StudentFit[] {
  const edge = distances[distances.length - 1]!
  const middle = MAD_TO_SD * distances[distances.length >> 1]!
  const start = Math.log(middle > 0 ? middle : edge)
  return STUDENT_DEGREES.map((degrees) => {
    const score = (logScale: number) => scoreAt({ distances, beyond, degrees }, Math.exp(logScale))
    const logScale = decreasingRoot(score, start)
    const scale = Math.exp(logScale)
    let logLikelihood = distances.length * (logDensityAtZero(degrees) - logScale)
    for (let i = 0; i < distances.length; i++) {
      const z = distances[i]! / scale
      logLikelihood -= ((degrees + 1) / 2) * Math.log1p((z * z) / degrees)
    }
    logLikelihood += beyond * Math.log(Math.max(SMALLEST_SHARE, studentTwoSided(edge / scale, degrees)))
    return { degrees, scale, logLikelihood }
  })
}

/** Share of the distribution farther from 0 than `at`, on both sides. */
export function studentExceedance(at: number, { degrees, scale }: Omit<StudentFit, 'logLikelihood'>): number {
  return studentTwoSided(at / scale, degrees)
}

const SMALLEST_SHARE = 1e-300

/** Derivative of the log likelihood by the logarithm of the scale; it falls as the scale grows. */
function scoreAt(
  { distances, beyond, degrees }: { distances: Float64Array; beyond: number; degrees: number },
  scale: number,
): number {
  const square = scale * scale
  let score = -distances.length
  for (let i = 0; i < distances.length; i++) {
    const v = distances[i]! ** 2 / square
    score += ((degrees + 1) * v) / (degrees + v)
  }
  if (beyond === 0) return score
  const z = distances[distances.length - 1]! / scale
  const density =
    2 * Math.exp(logDensityAtZero(degrees) - ((degrees + 1) / 2) * Math.log1p((z * z) / degrees))
  return score + (beyond * z * density) / Math.max(SMALLEST_SHARE, studentTwoSided(z, degrees))
}

const BRACKET_STEP = 0.4
const MAX_STEPS = 60
const CLOSE = 1e-4

/** Root of a falling function by the Illinois method, from a bracket that is sought around `start`. */
function decreasingRoot(f: (x: number) => number, start: number): number {
  let a = start
  let fa = f(a)
  const step = fa > 0 ? BRACKET_STEP : -BRACKET_STEP
  let b = a + step
  let fb = f(b)
  for (let i = 0; i < MAX_STEPS && fa * fb > 0; i++) {
    a = b
    fa = fb
    b += step
    fb = f(b)
  }
  for (let i = 0; i < MAX_STEPS && Math.abs(b - a) > CLOSE && fb !== 0; i++) {
    const x = b - (fb * (b - a)) / (fb - fa)
    const fx = f(x)
    if (fx * fb < 0) {
      a = b
      fa = fb
    } else fa /= 2
    if (Math.abs(x - b) < CLOSE) return x
    b = x
    fb = fx
  }
  return b
}

/** ln Γ((ν + 1)/2) − ln Γ(ν/2) − ½ ln(πν). */
function logDensityAtZero(degrees: number): number {
  return gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - Math.log(Math.PI * degrees) / 2
}
