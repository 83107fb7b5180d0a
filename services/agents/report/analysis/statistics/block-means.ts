/** Means of at most `count` runs of neighbours of nearly equal size; the values themselves where there are no more. Pure. */
export function blockMeans(values: Float64Array, count: number): Float64Array {
  const n = values.length
  if (n <= count) return values
  const means = new Float64Array(count)
  for (let block = 0; block < count; block++) {
    const from = Math.floor((block * n) / count)
    const to = Math.floor(((block + 1) * n) / count)
    let sum = 0
    for (let i = from; i < to; i++) sum += values[i]!
    means[block] = sum / (to - from)
  }
  return means
}
