/** A pivot below this share of its own diagonal means that the rows depend on each other. */
const DEPENDENT = 1e-10

/**
 * u′ M⁻¹ u by Cholesky's factors, and the rank of M: directions that depend on earlier ones are left out.
 * @param matrix symmetric, positive semidefinite, row by row
 */
export function quadraticForm(
  matrix: Float64Array,
  vector: ArrayLike<number>,
): { value: number; rank: number } {
  const size = vector.length
  const factor = new Float64Array(size * size)
  const solved = new Float64Array(size)
  const kept: number[] = []
  let value = 0
  for (let i = 0; i < size; i++) {
    let diagonal = matrix[i * size + i]!
    let rest = vector[i]!
    for (const j of kept) {
      let entry = matrix[i * size + j]!
      for (const k of kept) {
        if (k >= j) break
        entry -= factor[i * size + k]! * factor[j * size + k]!
      }
      entry /= factor[j * size + j]!
      factor[i * size + j] = entry
      diagonal -= entry * entry
      rest -= entry * solved[j]!
    }
    if (!(diagonal > DEPENDENT * matrix[i * size + i]!)) continue
    factor[i * size + i] = Math.sqrt(diagonal)
    solved[i] = rest / factor[i * size + i]!
    value += solved[i]! ** 2
    kept.push(i)
  }
  return { value, rank: kept.length }
}
