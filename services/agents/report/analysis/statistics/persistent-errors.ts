import { filtered, fitAutoregression } from './autoregression.ts'
import { dot, squares, without } from './dot-product.ts'
import { studentTwoSided } from './probability.ts'

/** A coefficient of a regression whose errors have memory. */
export interface PersistentEstimate {
  /** Two-sided. */
  pValue: number
  /** How much of an error is left at the next point, as the series lets expect: 0 to 1, 1 is a random walk. */
  persistence: number
}

/** What is known of a test before. */
export interface PersistentQuestion {
  /** The last so many columns were placed by the data, such as steps: that there are none of them is weighed, too, and p holds for all places (Bonferroni). */
  searched?: number
  /** Whether y are values, or sizes of deviations. */
  of?: 'level' | 'spread'
}

/** Persistences that are weighed against each other. Below 0 all count as 0: alternating errors make nothing surer. */
const PERSISTENCES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 1]
/** Before the data, beside independent errors: the random walk is common, and a mistake costs most there. */
const PRIOR = [1, 1, 1, 1, 1, 1, 1, 1, 0.75, 0.75, 1, 1.5, 8]
/**
 * How common independent errors are, as a multiple of a single persistence. Values about a level or a line often are, and with this much p is
 * held at every persistence up to 1 (simulated: docs/report.md); the size of deviations less often, since volatility comes and goes.
 */
const INDEPENDENT = { level: 12, spread: 4 } as const
/** Persistences less likely than this by themselves change no p that matters. */
const NEGLIGIBLE = 1e-9

/**
 * Tests the last column of a design where errors may have memory, from white noise to a random walk: p by generalised least squares at
 * each of fourteen persistences, averaged by how likely the series makes them. The likelihood is the restricted one, so that fitted
 * columns take no memory away (Harville 1974; Cheang & Reinsel 2000). Where the series has plainly no memory the average is that of
 * independent errors; where a random walk cannot be ruled out it counts with its share. What memory the quasi-differences still have widens the error.
 *
 * @param columns the constant first, the one in question last
 * @param y in order of time
 * @returns null where residuals have too few degrees of freedom.
 */
export function testWithPersistentErrors(
  columns: readonly Float64Array[],
  y: Float64Array,
  { searched = 0, of = 'level' }: PersistentQuestion = {},
): PersistentEstimate | null {
  if (y.length - columns.length < MIN_FREE) return null
  const plain = lastCoefficient(columns, y)
  if (!plain) return null
  if (isNothing(plain.residuals, y)) return { pValue: 0, persistence: 0 }
  const tests = PERSISTENCES.flatMap((persistence) => testAt({ columns, y, searched }, persistence) ?? [])
  if (tests.length < PERSISTENCES.length) return null
  const most = Math.max(...tests.map(({ logLikelihood }) => logLikelihood))
  const prior = [INDEPENDENT[of], ...PRIOR]
  const weights = tests.map(({ logLikelihood }, i) => prior[i]! * Math.exp(logLikelihood - most))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const average = (of: (test: PersistenceTest) => number) =>
    tests.reduce(
      (sum, test, i) => (weights[i]! < NEGLIGIBLE * total ? sum : sum + (weights[i]! / total) * of(test)),
      0,
    )
  return {
    pValue: Math.min(
      1,
      average(({ pValue }) => pValue()),
    ),
    persistence: average(({ persistence }) => persistence),
  }
}

interface PersistenceTest {
  persistence: number
  logLikelihood: number
  pValue(): number
}

/** Coefficient and restricted likelihood where the errors have this persistence. */
function testAt(
  { columns, y, searched }: { columns: readonly Float64Array[]; y: Float64Array; searched: number },
  persistence: number,
): PersistenceTest | null {
  const n = y.length
  // A random walk has no level: its first point, and the constant with it, tell nothing.
  const taken = (persistence >= 1 ? columns.slice(1) : columns).map((column) =>
    quasiDifferences(column, persistence),
  )
  const left = quasiDifferences(y, persistence)
  const fit = lastCoefficient(taken, left)
  if (!fit) return null
  const free = n - columns.length
  const fixedFit = searched > 0 ? lastCoefficient(taken.slice(0, taken.length - searched), left) : fit
  const fixed = fixedFit ?? { residuals: left, logLength: 0 }
  const square = squares(fit.residuals)
  const gain =
    ((free + searched) / 2) * Math.log(squares(fixed.residuals) / square) - searched * 1.5 * Math.log(n)
  const scale = persistence < 1 ? Math.log(1 - persistence * persistence) / 2 : 0
  const logLikelihood =
    scale -
    fixed.logLength -
    ((free + searched) / 2) * Math.log(squares(fixed.residuals)) +
    (searched > 0 ? Math.log1p(Math.exp(Math.min(MAX_EXPONENT, gain))) : 0)
  const t = (fit.coefficient * fit.length) / Math.sqrt(square / free)
  return {
    persistence,
    logLikelihood,
    pValue: () =>
      Math.min(1, studentTwoSided(t / longRunFactor(fit.residuals), free) * (searched > 0 ? n : 1)),
  }
}

const MAX_EXPONENT = 700
const MIN_FREE = 5

/** Least squares by modified Gram–Schmidt: the last coefficient, the length of its column beside the others, and the residuals. */
function lastCoefficient(
  columns: readonly Float64Array[],
  y: Float64Array,
): { coefficient: number; length: number; logLength: number; residuals: Float64Array } | null {
  const basis: Float64Array[] = []
  let residuals = y
  let coefficient = 0
  let length = 0
  let logLength = 0
  for (const column of columns) {
    const own = basis.reduce((left, other) => without(left, other), column)
    length = Math.sqrt(dot(own, own))
    if (!(length > 1e-9 * Math.sqrt(dot(column, column)))) return null
    logLength += Math.log(length)
    coefficient = dot(own, residuals) / (length * length)
    residuals = without(residuals, own)
    basis.push(own)
  }
  return { coefficient, length, logLength, residuals }
}

function isNothing(residuals: Float64Array, y: Float64Array): boolean {
  const magnitude = y.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  return residuals.every((value) => Math.abs(value) <= magnitude * 1e-9)
}

/** Standard errors on the safe side: with 1 a random walk that looks tamer than it is would claim 4 % trends at p < 0.001. */
const CAUTION = 2

/** Lag 1, 0 to 1: unbiased, then two standard errors on the safe side. */
export function cautiousPersistence(residuals: Float64Array, fitted: number): number {
  const n = residuals.length
  let products = 0
  let squares = 0
  for (let i = 1; i < n; i++) {
    products += residuals[i]! * residuals[i - 1]!
    squares += residuals[i - 1]! ** 2
  }
  const estimate = squares > 0 ? products / squares : 0
  const unbiased = Math.min(
    1,
    estimate + (fitted * (1 + Math.max(0, estimate)) + 2 * Math.max(0, estimate)) / n,
  )
  const raised = unbiased + CAUTION * Math.sqrt(Math.max(0, 1 - estimate * estimate) / n)
  return raised >= 1 - 1 / Math.sqrt(n) ? 1 : Math.max(0, raised)
}

/** The first value is weighted as by Prais & Winsten (1954); of a random walk it is left out. */
export function quasiDifferences(values: Float64Array, persistence: number): Float64Array {
  const weight = Math.sqrt(1 - persistence * persistence)
  const left = values.map((value, i) => (i === 0 ? value * weight : value - persistence * values[i - 1]!))
  return persistence >= 1 ? left.subarray(1) : left
}

/** Standard deviation of a mean of the innovations to what it would be without memory; never below 1. */
export function longRunFactor(innovations: Float64Array): number {
  const model = fitAutoregression(innovations, 0)
  const sum = model.coefficients.reduce((total, c) => total + c, 0)
  const left = filtered(innovations, model)
  const square = (values: Float64Array) => squares(values) / values.length
  const ratio = square(left) / square(innovations) / Math.max(0.01, 1 - sum) ** 2
  return Math.sqrt(Math.max(1, ratio))
}
