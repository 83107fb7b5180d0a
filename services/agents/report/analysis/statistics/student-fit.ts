import { studentTwoSided } from './probability.ts'

/** A centred Student t distribution. */
export interface StudentFit {
  degrees: number
  scale: number
}

/** Degrees of freedom that are tried, the heaviest tails first. */
const DEGREES = [1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 30, 100]
const ITERATIONS = 30
/** Half the 90 % point of chi-square with one degree: the heaviest tail that 95 % one-sided confidence allows. */
const LIKELIHOOD_DROP = 1.35

/** The heaviest Student t that the values, spread around 0, allow by maximum likelihood (Lange, Little & Taylor 1989). */
export function heaviestStudentFit(values: ArrayLike<number>): StudentFit {
  const fits = DEGREES.map((degrees) => fitted(values, degrees))
  const best = Math.max(...fits.map(({ likelihood }) => likelihood))
  return fits.find(({ likelihood }) => likelihood >= best - LIKELIHOOD_DROP)!
}

/** Share of the distribution farther from 0 than `at`, on both sides. */
export function studentExceedance(at: number, { degrees, scale }: StudentFit): number {
  return studentTwoSided(at / scale, degrees)
}

function fitted(values: ArrayLike<number>, degrees: number): StudentFit & { likelihood: number } {
  const n = values.length
  let square = 0
  for (let i = 0; i < n; i++) square += values[i]! ** 2 / n
  for (let step = 0; step < ITERATIONS; step++) {
    let sum = 0
    for (let i = 0; i < n; i++) {
      const v = values[i]! ** 2
      sum += (v * (degrees + 1)) / (degrees + v / square)
    }
    square = sum / n
  }
  let likelihood = n * (logDensityAtZero(degrees) - Math.log(square) / 2)
  for (let i = 0; i < n; i++)
    likelihood -= ((degrees + 1) / 2) * Math.log1p(values[i]! ** 2 / (square * degrees))
  return { degrees, scale: Math.sqrt(square), likelihood }
}

/** ln Γ((ν + 1)/2) − ln Γ(ν/2) − ½ ln(πν), by Stirling's series after moving the argument up. */
function logDensityAtZero(degrees: number): number {
  return logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(Math.PI * degrees) / 2
}

function logGamma(x: number): number {
  if (x < STIRLING_FROM) return logGamma(x + 1) - Math.log(x)
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x) - 1 / (360 * x ** 3)
}

/** From here the series is right to 9 digits. */
const STIRLING_FROM = 10
