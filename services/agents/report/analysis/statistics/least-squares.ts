import * as dd from './double-double.ts'
import { columnNorm, factor, type QrFactors, solveAugmented } from './householder-qr.ts'
import { compensatedSum, mean } from './moments.ts'

/** Column by column; each entry as a double-double, so that powers need not be rounded. */
export type Design = readonly (readonly dd.DoubleDouble[])[]

export interface LeastSquaresFit {
  coefficients: number[]
  standardErrors: number[]
  residuals: number[]
  residualStdDev: number
  rSquared: number
}

/** Corrections below this, relative to the solution, cannot change its double. */
const SETTLED = 1e-17
const MAX_REFINEMENTS = 30

/**
 * Ordinary least squares by pivoted Householder QR of the scaled design, refined on the augmented system
 * r + Xb = y, Xᵀr = 0 with residuals in double-double (Björck 1967), so that nearly dependent columns (NIST Filip,
 * condition 10^15) still give correct digits. Standard errors come from (XᵀX)⁻¹, refined likewise.
 *
 * @param hasIntercept whether a constant column is in the design: R² is then about the mean, otherwise about 0
 * @returns null with fewer rows than columns, or when columns depend on each other to working precision.
 */
export function leastSquares(
  design: Design,
  y: readonly number[],
  hasIntercept: boolean,
): LeastSquaresFit | null {
  const rows = y.length
  if (design.length === 0 || rows < design.length) return null
  const scales = design.map((column) => 2 ** -Math.round(Math.log2(columnNorm(column) || 1)))
  const scaled = design.map((column, j) =>
    column.map(({ hi, lo }) => ({ hi: hi * scales[j]!, lo: lo * scales[j]! })),
  )
  const factors = factor(scaled)
  if (!factors) return null
  const zeros = scaled.map(() => dd.ZERO)
  const solution = refine(scaled, factors, { f: y.map(dd.fromNumber), g: zeros })
  const residuals = solution.r.map(({ hi }) => hi)
  const squares = compensatedSum(residuals.map((r) => r * r))
  const centre = hasIntercept ? mean(y) : 0
  const total = compensatedSum(y.map((value) => (value - centre) ** 2))
  const degrees = rows - design.length
  const residualStdDev = degrees === 0 ? 0 : Math.sqrt(squares / degrees)
  return {
    coefficients: solution.b.map(({ hi }, j) => hi * scales[j]!),
    standardErrors: scales.map(
      (scale, j) => residualStdDev * Math.sqrt(inverseDiagonal(scaled, factors, j)) * scale,
    ),
    residuals,
    residualStdDev,
    rSquared: total === 0 ? 1 : Math.max(0, 1 - squares / total),
  }
}

/** The columns 1, x, x² … x^degree (without the 1 when `intercept` is false), exact to double-double. */
export function polynomialDesign(x: readonly number[], degree: number, intercept = true): Design {
  const first = intercept ? 0 : 1
  return Array.from({ length: degree + 1 - first }, (_, k) => x.map((value) => dd.power(value, first + k)))
}

/** The given columns behind a constant one. */
export function linearDesign(columns: readonly (readonly number[])[]): Design {
  const rows = columns[0]?.length ?? 0
  return [Array.from({ length: rows }, () => dd.fromNumber(1)), ...columns.map((c) => c.map(dd.fromNumber))]
}

interface RightSide {
  f: readonly dd.DoubleDouble[]
  g: readonly dd.DoubleDouble[]
}

interface AugmentedSolution {
  r: dd.DoubleDouble[]
  b: dd.DoubleDouble[]
}

/** Solves r + Xb = f, Xᵀr = g: a first solution in doubles, then corrections from double-double residuals. */
function refine(design: Design, factors: QrFactors, { f, g }: RightSide): AugmentedSolution {
  let r = f.map(() => dd.ZERO)
  let b = design.map(() => dd.ZERO)
  let previous = Number.POSITIVE_INFINITY
  for (let round = 0; round < MAX_REFINEMENTS; round++) {
    const missingF = residualOfRows(design, { f, r, b })
    const missingG = g.map((value, j) => dd.subtract(value, dot(design[j]!, r)).hi)
    const step = solveAugmented(factors, missingF, missingG)
    const size = relativeSize(step.b, b)
    // No longer shrinking: what is left is noise, or the design is too close to singular for this factorisation.
    if (round > 1 && size >= previous) break
    r = r.map((value, i) => dd.add(value, dd.fromNumber(step.r[i]!)))
    b = b.map((value, j) => dd.add(value, dd.fromNumber(step.b[j]!)))
    if (size < SETTLED) break
    previous = size
  }
  return { r, b }
}

function residualOfRows(
  design: Design,
  {
    f,
    r,
    b,
  }: { f: readonly dd.DoubleDouble[]; r: readonly dd.DoubleDouble[]; b: readonly dd.DoubleDouble[] },
): number[] {
  return f.map((value, i) => {
    let left = dd.subtract(value, r[i]!)
    for (let j = 0; j < design.length; j++) left = dd.subtract(left, dd.multiply(design[j]![i]!, b[j]!))
    return left.hi
  })
}

function dot(a: readonly dd.DoubleDouble[], b: readonly dd.DoubleDouble[]): dd.DoubleDouble {
  let sum = dd.ZERO
  for (let i = 0; i < a.length; i++) sum = dd.add(sum, dd.multiply(a[i]!, b[i]!))
  return sum
}

/** Largest correction relative to its own coefficient; with nothing to compare to, infinite. */
function relativeSize(step: readonly number[], b: readonly dd.DoubleDouble[]): number {
  return Math.max(
    ...step.map((value, j) => (value === 0 ? 0 : Math.abs(value) / Math.abs(b[j]!.hi + value || value))),
  )
}

/** Entry (j, j) of (XᵀX)⁻¹: with f = 0 and g = −e, the augmented system gives b = (XᵀX)⁻¹ e. */
function inverseDiagonal(design: Design, factors: QrFactors, j: number): number {
  const f = design[0]!.map(() => dd.ZERO)
  const g = design.map((_, k) => (k === j ? dd.fromNumber(-1) : dd.ZERO))
  return Math.max(0, refine(design, factors, { f, g }).b[j]!.hi)
}
