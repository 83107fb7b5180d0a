/** Terms within this of the observed one count as equally likely, as in R: rounding must not decide. */
const RELATIVE_TIE = 1e-7
/** Smallest p that is reported: beyond, the doubles end. */
const SMALLEST_P = 1e-300

/** Counts of a 2×2 table, row by row. */
export interface FourfoldTable {
  a: number
  b: number
  c: number
  d: number
}

/**
 * Fisher's exact test, two-sided: the probability of all tables with these margins that are no likelier than the observed one.
 * Walks from the mode outwards, so nothing overflows; O(smallest margin).
 */
export function fisherExact({ a, b, c, d }: FourfoldTable): number {
  const row = a + b
  const column = a + c
  const n = row + c + d
  const low = Math.max(0, row + column - n)
  const high = Math.min(row, column)
  if (low === high) return 1
  const mode = Math.min(high, Math.max(low, Math.floor(((row + 1) * (column + 1)) / (n + 2))))
  const weights = new Float64Array(high - low + 1)
  weights[mode - low] = 1
  for (let k = mode; k < high; k++) {
    weights[k + 1 - low] =
      (weights[k - low]! * (row - k) * (column - k)) / ((k + 1) * (n - row - column + k + 1))
  }
  for (let k = mode; k > low; k--) {
    weights[k - 1 - low] =
      (weights[k - low]! * k * (n - row - column + k)) / ((row - k + 1) * (column - k + 1))
  }
  const limit = weights[a - low]! * (1 + RELATIVE_TIE)
  let tail = 0
  let all = 0
  for (const weight of weights) {
    all += weight
    if (weight <= limit) tail += weight
  }
  return Math.min(1, Math.max(SMALLEST_P, tail / all))
}
