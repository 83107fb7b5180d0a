import { filtered, fitAutoregression } from './autoregression.ts'
import { studentTwoSided } from './probability.ts'

/** A coefficient of a regression whose errors have memory. */
export interface PersistentEstimate {
  /** Two-sided. */
  pValue: number
  /** How much of an error is left at the next point, bias taken out and two standard errors added: 0 to 1, 1 is a random walk. */
  persistence: number
}

/**
 * Tests the last column of a design by feasible generalised least squares, safe for errors from white noise to a random walk
 * (after Perron & Yabu 2009): lag-1 persistence is corrected for the fitted columns (Kendall 1954), raised by two standard errors, and
 * set to 1 within n^−½ of it; what memory the quasi-differences still have widens the error.
 *
 * @param columns the constant first, the one in question last
 * @param y in order of time
 * @param searched columns that were chosen by the data, such as steps: each takes as much memory out of the residuals as several fixed ones
 * @returns null where residuals have too few degrees of freedom.
 */
export function testWithPersistentErrors(
  columns: readonly Float64Array[],
  y: Float64Array,
  searched = 0,
): PersistentEstimate | null {
  const n = y.length
  if (n - columns.length < MIN_FREE) return null
  const plain = lastCoefficient(columns, y)
  if (!plain) return null
  if (isNothing(plain.residuals, y)) return { pValue: 0, persistence: 0 }
  const persistence = cautiousPersistence(plain.residuals, columns.length + SEARCH_COST * searched)
  const asWalk = persistence >= 1
  // A random walk has no level: its first point, and the constant with it, tell nothing.
  const taken = asWalk ? columns.slice(1) : columns
  const fit = lastCoefficient(
    taken.map((column) => quasiDifferences(column, persistence)),
    quasiDifferences(y, persistence),
  )
  if (!fit) return null
  const free = n - columns.length - 1
  const square = fit.residuals.reduce((sum, value) => sum + value * value, 0)
  const error = Math.sqrt(square / free) / fit.length
  const t = fit.coefficient / (error * longRunFactor(fit.residuals))
  return { pValue: studentTwoSided(t, Math.max(1, free * FREE_SHARE)), persistence }
}

/** Fixed columns that one whose place was searched for is worth; by simulation of AR(1), φ .8 to 1, n = 60. */
const SEARCH_COST = 3
const MIN_FREE = 5
/** The persistence is itself estimated: it costs degrees of freedom in the far tail. */
const FREE_SHARE = 0.5

/** Least squares by modified Gram–Schmidt: the last coefficient, the length of its column beside the others, and the residuals. */
function lastCoefficient(
  columns: readonly Float64Array[],
  y: Float64Array,
): { coefficient: number; length: number; residuals: Float64Array } | null {
  const basis: Float64Array[] = []
  let residuals = y
  let coefficient = 0
  let length = 0
  for (const column of columns) {
    const own = basis.reduce((left, other) => without(left, other), column)
    length = Math.sqrt(dot(own, own))
    if (!(length > 1e-9 * Math.sqrt(dot(column, column)))) return null
    coefficient = dot(own, residuals) / (length * length)
    residuals = without(residuals, own)
    basis.push(own)
  }
  return { coefficient, length, residuals }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function without(values: Float64Array, direction: Float64Array): Float64Array {
  const along = dot(values, direction) / dot(direction, direction)
  return values.map((value, i) => value - along * direction[i]!)
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
  const square = (values: Float64Array) => values.reduce((total, v) => total + v * v, 0) / values.length
  const ratio = square(left) / square(innovations) / Math.max(0.01, 1 - sum) ** 2
  return Math.sqrt(Math.max(1, ratio))
}
