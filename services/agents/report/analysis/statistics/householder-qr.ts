import type { DoubleDouble } from './double-double.ts'

/** X·P = Q·R by Householder reflections with column pivoting (Golub & Van Loan, 5.4.2), in doubles. */
export interface QrFactors {
  rows: number
  /** R above the diagonal of each pivoted column, the reflection's vector from the diagonal down. */
  columns: Float64Array[]
  diagonal: number[]
  /** Original index of each pivoted column. */
  pivots: number[]
}

/** Below this share of the first pivot a column is taken as dependent on those before it. */
const DEPENDENT = 1e-15

/** Euclidean norm of the leading parts. */
export function columnNorm(column: readonly DoubleDouble[]): number {
  return Math.hypot(...column.map(({ hi }) => hi))
}

/** @returns null when the columns depend on each other to working precision. */
export function factor(design: readonly (readonly DoubleDouble[])[]): QrFactors | null {
  const rows = design[0]!.length
  const columns = design.map((column) => Float64Array.from(column, ({ hi }) => hi))
  const pivots = design.map((_, j) => j)
  const diagonal: number[] = []
  for (let k = 0; k < columns.length; k++) {
    pivotLargest(columns, pivots, k)
    const v = columns[k]!
    const norm = normFrom(v, k)
    if (!(norm > DEPENDENT * Math.abs(diagonal[0] ?? 0)) || norm === 0) return null
    // The sign that avoids cancellation in the vector's first entry.
    const alpha = v[k]! > 0 ? -norm : norm
    diagonal.push(alpha)
    v[k]! -= alpha
    for (let j = k + 1; j < columns.length; j++) reflect(v, columns[j]!, k)
  }
  return { rows, columns, diagonal, pivots }
}

/**
 * Solves r + Xb = f, Xᵀr = g with the factors (Björck 1967): with c = Qᵀf and Rᵀh = Pᵀg, R·Pᵀb = c₁ − h and
 * r = Q·(h, c₂).
 */
export function solveAugmented(
  { rows, columns, diagonal, pivots }: QrFactors,
  f: readonly number[],
  g: readonly number[],
): { r: Float64Array; b: number[] } {
  const p = columns.length
  const c = Float64Array.from(f)
  for (let k = 0; k < p; k++) reflect(columns[k]!, c, k)
  const h = new Float64Array(p)
  for (let k = 0; k < p; k++) {
    let sum = g[pivots[k]!]!
    for (let i = 0; i < k; i++) sum -= columns[k]![i]! * h[i]!
    h[k] = sum / diagonal[k]!
  }
  const b = new Array<number>(p).fill(0)
  const pivoted = new Float64Array(p)
  for (let k = p - 1; k >= 0; k--) {
    let sum = c[k]! - h[k]!
    for (let j = k + 1; j < p; j++) sum -= columns[j]![k]! * pivoted[j]!
    pivoted[k] = sum / diagonal[k]!
    b[pivots[k]!] = pivoted[k]!
  }
  const r = new Float64Array(rows)
  r.set(c.subarray(p), p)
  r.set(h)
  for (let k = p - 1; k >= 0; k--) reflect(columns[k]!, r, k)
  return { r, b }
}

function pivotLargest(columns: Float64Array[], pivots: number[], k: number): void {
  let best = k
  for (let j = k + 1; j < columns.length; j++) {
    if (normFrom(columns[j]!, k) > normFrom(columns[best]!, k)) best = j
  }
  ;[columns[k], columns[best]] = [columns[best]!, columns[k]!]
  ;[pivots[k], pivots[best]] = [pivots[best]!, pivots[k]!]
}

function normFrom(values: Float64Array, start: number): number {
  let squares = 0
  for (let i = start; i < values.length; i++) squares += values[i]! * values[i]!
  return Math.sqrt(squares)
}

/** Applies I − 2vvᵀ/vᵀv, with v from row `start` down, to `target`. */
function reflect(v: Float64Array, target: Float64Array, start: number): void {
  let squares = 0
  let product = 0
  for (let i = start; i < v.length; i++) {
    squares += v[i]! * v[i]!
    product += v[i]! * target[i]!
  }
  const factorOfV = (2 * product) / squares
  for (let i = start; i < v.length; i++) target[i]! -= factorOfV * v[i]!
}
