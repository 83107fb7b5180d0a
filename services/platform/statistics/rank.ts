/** How the values of a sample order, computed once and used by every rank method. */
export interface Ranking {
  /** Mid-ranks, 1-based, by position. */
  ranks: Float64Array
  /** Positions in ascending order of value; equal values in the order given. */
  order: Uint32Array
  /** Sizes of the groups of equal values larger than one. */
  ties: number[]
}

/** Ranks with ties shared; O(n). NaN comes last. */
export function rank(values: ArrayLike<number>): Ranking {
  return rankInOrder(values, ascendingOrder(values))
}

/** Ranks of the positions in `order` (ascending by value); positions left out keep rank 0. */
export function rankInOrder(values: ArrayLike<number>, order: Uint32Array): Ranking {
  const ranks = new Float64Array(values.length)
  const ties: number[] = []
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    const midRank = (start + 1 + end) / 2
    for (let i = start; i < end; i++) ranks[order[i]!] = midRank
    if (end - start > 1) ties.push(end - start)
    start = end
  }
  return { ranks, order, ties }
}

/** Whether no value is smaller than the one before it. */
export function isAscending(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) return false
  return true
}

/** Positions in ascending order of value, stable; NaN comes last. */
function ascendingOrder(values: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(values.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  if (isInOrder(values)) return order
  if (values.length >= RADIX_FROM) return radixOrder(values, order)
  return order.sort((i, j) => {
    const [a, b] = [values[i]!, values[j]!]
    return a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j
  })
}

/** Ascending, and no NaN among them. */
function isInOrder(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (!(values[i]! >= values[i - 1]!)) return false
  return true
}

/** Below, the tables of the radix sort cost more than comparing. */
const RADIX_FROM = 300
/** A double has six digits of 11 bits, three in each half; 2,048 places to write to still fit the caches. */
const DIGIT_BITS = 11
const DIGITS = 2 ** DIGIT_BITS
const PASSES = 6
const SIGN = 0x8000_0000

/** Halves of the doubles as whole numbers that compare like them, and how often each digit comes. */
interface RadixKeys {
  low: Uint32Array
  high: Uint32Array
  /** Digit after digit, least first. */
  counts: Uint32Array
}

/** Least digit first; keys move along with their positions, so that memory is read in order. */
function radixOrder(values: ArrayLike<number>, positions: Uint32Array): Uint32Array {
  const n = values.length
  const { counts, ...keysOf } = radixKeys(values)
  let { low, high } = keysOf
  let order = positions
  let nextOrder: Uint32Array = new Uint32Array(n)
  let nextLow: Uint32Array = new Uint32Array(n)
  let nextHigh: Uint32Array = new Uint32Array(n)
  for (let pass = 0; pass < PASSES; pass++) {
    const isLow = pass < PASSES / 2
    const shift = (pass % (PASSES / 2)) * DIGIT_BITS
    const starts = counts.subarray(pass * DIGITS, (pass + 1) * DIGITS)
    const keys = isLow ? low : high
    // All have the same digit: nothing to move.
    if (starts[(keys[0]! >>> shift) & (DIGITS - 1)] === n) continue
    toStarts(starts)
    for (let i = 0; i < n; i++) {
      const key = keys[i]!
      const digit = (key >>> shift) & (DIGITS - 1)
      const to = starts[digit]!
      starts[digit] = to + 1
      nextOrder[to] = order[i]!
      nextHigh[to] = high[i]!
      // Later passes do not ask for it.
      if (isLow) nextLow[to] = key
    }
    ;[order, nextOrder] = [nextOrder, order]
    ;[high, nextHigh] = [nextHigh, high]
    if (isLow) [low, nextLow] = [nextLow, low]
  }
  return order
}

function radixKeys(values: ArrayLike<number>): RadixKeys {
  const n = values.length
  const doubles = new Float64Array(n)
  // −0 becomes 0: they are equal but differ in bits.
  for (let i = 0; i < n; i++) doubles[i] = values[i]! + 0
  // Little-endian, as all machines are that this runs on: the low half comes first.
  const halves = new Uint32Array(doubles.buffer)
  const [low, high] = [new Uint32Array(n), new Uint32Array(n)]
  const counts = new Uint32Array(PASSES * DIGITS)
  const place = (digit: number, pass: number) => (digit & (DIGITS - 1)) + pass * DIGITS
  for (let i = 0; i < n; i++) {
    // Below zero all bits turn, so that the larger magnitude comes first.
    const turned = -(halves[2 * i + 1]! >>> 31)
    const lowKey = (halves[2 * i]! ^ turned) >>> 0
    const highKey = (halves[2 * i + 1]! ^ (turned | SIGN)) >>> 0
    low[i] = lowKey
    high[i] = highKey
    counts[place(lowKey, 0)]! += 1
    counts[place(lowKey >>> DIGIT_BITS, 1)]! += 1
    counts[place(lowKey >>> (2 * DIGIT_BITS), 2)]! += 1
    counts[place(highKey, 3)]! += 1
    counts[place(highKey >>> DIGIT_BITS, 4)]! += 1
    counts[place(highKey >>> (2 * DIGIT_BITS), 5)]! += 1
  }
  return { low, high, counts }
}

/** Counts become the places where each digit begins. */
function toStarts(counts: Uint32Array): void {
  let sum = 0
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit]!
    counts[digit] = sum
    sum += count
  }
}
