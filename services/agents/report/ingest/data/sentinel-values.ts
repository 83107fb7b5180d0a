/** Numbers that people write for "nothing measured": nines, and eights and sevens below zero. */
const SENTINEL =
  /^-(?:9{2,5}|8{3,4}|7{3,4})(?:\.[09]+)?$|^9{2,6}(?:\.9+)?$|^-(?:1e\+?30|3\.40\d*e\+?38)$|^(?:9\.96\d*e\+?36|1e\+?20|1e\+?30)$/
/** The whole parts of the above, and from where on they are powers of ten. */
const WHOLE_PARTS = new Set([
  -99, -999, -9999, -99_999, -888, -8888, -777, -7777, 99, 999, 9999, 99_999, 999_999,
])
const MIN_HUGE = 1e19
const MIN_COUNT = 2
const MIN_OTHERS = 5
/** Above all others, where large values are common, a mark must come again oftener. */
const POSITIVE = { count: 3, share: 0.02 } as const
/** Between the others and the mark lies at least so much of their range. */
const MIN_GAP = { negative: 0.5, positive: 2, age: 0.3 } as const
const MAX_SENTINELS = 4
const AGE_NAME = /(?:^|[\s_-])(?:age|alter|edad|âge|leeftijd)(?:$|[\s_-])/i
const PRICE_NAME = /price|cost|amount|preis|betrag|prix|precio/i

interface Sentinel {
  value: number
  count: number
}

/**
 * Values of nines that come again, at the end of all values and far from the others: −999 among temperatures, 99 among ages of
 * students. None where the others reach near them, as a price of 999 among prices does. Pure.
 */
export function sentinelsOf(name: string, values: readonly unknown[]): Sentinel[] {
  const candidates = [...countsOf(values, mayBeSentinel)].filter(
    ([value, count]) => count >= MIN_COUNT && SENTINEL.test(String(value)),
  )
  if (candidates.length === 0) return []
  const counts = countsOf(values, () => true)
  const others = new Map(counts)
  // What is no sentinel itself hides none: −888 lies beside −999.
  for (const [value] of candidates) others.delete(value)
  if ([...others.values()].reduce((sum, count) => sum + count, 0) < MIN_OTHERS) return []
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of others.keys()) {
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return candidates
    .filter(([value, count]) => isFar(name, { value, count, min, max, total }))
    .slice(0, MAX_SENTINELS)
    .map(([value, count]) => ({ value, count }))
}

function countsOf(values: readonly unknown[], counts: (value: number) => boolean): Map<number, number> {
  const times = new Map<number, number>()
  for (const value of values)
    if (typeof value === 'number' && counts(value)) times.set(value, (times.get(value) ?? 0) + 1)
  return times
}

/** Its whole part is one of a sentinel, so that few values have to be written out. */
function mayBeSentinel(value: number): boolean {
  return Math.abs(value) >= MIN_HUGE || WHOLE_PARTS.has(Math.trunc(value))
}

function isFar(
  name: string,
  {
    value,
    count,
    min,
    max,
    total,
  }: { value: number; count: number; min: number; max: number; total: number },
): boolean {
  const range = max - min
  if (value < 0) return value < min && (min >= 0 || min - value >= MIN_GAP.negative * range)
  if (PRICE_NAME.test(name) || count < Math.max(POSITIVE.count, POSITIVE.share * total)) return false
  const gap = value - max
  return gap > 0 && gap >= (AGE_NAME.test(name) ? MIN_GAP.age : MIN_GAP.positive) * range
}
