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
