/** Numbers that people write for "nothing measured": nines, with or without a sign. */
const SENTINEL = /^-9{2,5}(?:\.[09])?$|^9{3,6}$|^-(?:1e30|3\.4028e38)$/
const MIN_COUNT = 2
const MIN_OTHERS = 5
/** At least so much of the range of the others lies between them and the mark. */
const MIN_GAP = 0.5

/**
 * A value of nines that comes again, at the end of all values and far from the others: −999 among temperatures. None where the
 * others reach near it, as a price of 999 among prices does. Pure.
 */
export function sentinelOf(values: readonly unknown[]): { value: number; count: number } | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (typeof value !== 'number') continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  for (const value of [low, high]) {
    if (!SENTINEL.test(String(value))) continue
    const count = values.reduce<number>((sum, other) => sum + (other === value ? 1 : 0), 0)
    const others = values.filter((other): other is number => typeof other === 'number' && other !== value)
    if (count < MIN_COUNT || others.length < MIN_OTHERS) continue
    const [min, max] = others.reduce(
      ([a, b], other) => [Math.min(a, other), Math.max(b, other)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    )
    const gap = value < min ? min - value : value - max
    if (gap > 0 && gap >= MIN_GAP * (max - min)) return { value, count }
  }
  return undefined
}
