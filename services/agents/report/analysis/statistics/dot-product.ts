/** Of two vectors of the same length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Sum of squares. */
export function squares(values: Float64Array): number {
  return dot(values, values)
}

/** What is left of a vector beside a direction: the step of Gram–Schmidt. */
export function without(values: Float64Array, direction: Float64Array): Float64Array {
  const along = dot(values, direction) / squares(direction)
  const left = new Float64Array(values.length)
  for (let i = 0; i < left.length; i++) left[i] = values[i]! - along * direction[i]!
  return left
}
