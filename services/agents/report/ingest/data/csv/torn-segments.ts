import type { Piece } from './torn-pieces.ts'

/** Which pieces of a row make up each column. */
export interface Segments {
  /** `from` to before `to`; undefined where there are several ways. */
  columns: ({ from: number; to: number } | undefined)[]
  /** The pieces that several columns may have. */
  unclear: number[]
  /** A number that was put together bears a mark that its parts could not have alone: currency, brackets, a part that begins with 0, or no space where all other commas have one. */
  isMarked: boolean
  /** One begins with less than three digits or ends in decimals, as lists of numbers of three digits do not. */
  isUneven: boolean
}

/** `$1`, `-12`, `(123`: the begin of a number with commas, with nothing between it and the comma. */
const HEAD = /^\s*([-+−]?\(?[-+−]?(?:[$€£¥₹]|(?:USD|EUR|GBP|CHF)\s?)?[-−]?)([1-9]\d{0,2})$/
const MIDDLE = /^\d{3}$/
const TAIL = /^\d{3}(\.\d+)?(\s?(?:[%€$£]|USD|EUR|GBP|CHF))?(\)?)\s*$/
/** Beyond 999 trillion it is a list. */
const MAX_PARTS = 5
const LONE_ZERO = /^\s*0\d{2}(?:\.\d+)?\s*$/

/**
 * The ways to get from the pieces of a row to so many columns, where a column is a piece or a number with commas; undefined where there is
 * none. Ways in which `050` stands alone count only where there is no other. Pure.
 */
export function segmentsOf(
  pieces: readonly Piece[],
  shape: { width: number; isFirstWhole: boolean },
): Segments | undefined {
  return waysOf(pieces, { ...shape, loneZeros: false }) ?? waysOf(pieces, { ...shape, loneZeros: true })
}

function waysOf(
  pieces: readonly Piece[],
  { width, isFirstWhole, loneZeros }: { width: number; isFirstWhole: boolean; loneZeros: boolean },
): Segments | undefined {
  const spare = pieces.length - width
  const ends = pieces.map((_, from) => endsFrom(pieces, from, loneZeros))
  // Both directions: a column may begin at its own number and up to `spare` pieces behind it.
  const reached = Array.from({ length: width + 1 }, () => new Uint8Array(spare + 1))
  const leads = Array.from({ length: width + 1 }, () => new Uint8Array(spare + 1))
  reached[0]![0] = 1
  leads[width]![spare] = 1
  const endsOf = (column: number, from: number) => (column === 0 && isFirstWhole ? [from + 1] : ends[from]!)
  for (let column = 0; column < width; column++)
    for (let shift = 0; shift <= spare; shift++)
      if (reached[column]![shift])
        for (const to of endsOf(column, column + shift))
          if (to - column - 1 <= spare) reached[column + 1]![to - column - 1] = 1
  for (let column = width - 1; column >= 0; column--)
    for (let shift = 0; shift <= spare; shift++)
      for (const to of reached[column]![shift] ? endsOf(column, column + shift) : [])
        if (to - column - 1 <= spare && leads[column + 1]![to - column - 1]) leads[column]![shift] = 1
  if (!reached[width]![spare]) return undefined
  const found: Segments = { columns: [], unclear: [], isMarked: false, isUneven: false }
  const contested = new Set<number>()
  for (let column = 0; column < width; column++) {
    const ways: { from: number; to: number }[] = []
    for (let shift = 0; shift <= spare; shift++) {
      if (!reached[column]![shift]) continue
      const from = column + shift
      for (const to of endsOf(column, from))
        if (to - column - 1 <= spare && leads[column + 1]![to - column - 1]) ways.push({ from, to })
    }
    found.columns.push(ways.length === 1 ? ways[0] : undefined)
    const range = {
      from: Math.min(...ways.map(({ from }) => from)),
      to: Math.max(...ways.map(({ to }) => to)),
    }
    if (ways.length > 1) for (let i = range.from; i < range.to; i++) contested.add(i)
  }
  found.unclear = [...contested].sort((a, b) => a - b)
  for (const segment of found.columns)
    if (segment && segment.to - segment.from > 1) mark(found, pieces, segment)
  return found
}

/** The first piece that a number with commas may begin at; undefined where there is none. Pure. */
export function firstHead(pieces: readonly Piece[]): number | undefined {
  const at = pieces.findIndex((_, from) => endsFrom(pieces, from, true).some((to) => to > from + 1))
  return at < 0 ? undefined : at
}

/** Where a column that begins at a piece may end. */
function endsFrom(pieces: readonly Piece[], from: number, loneZeros: boolean): number[] {
  const ends = loneZeros || !LONE_ZERO.test(pieces[from]!.text) ? [from + 1] : []
  const head = HEAD.exec(pieces[from]!.text)
  if (!head) return ends
  const isOpen = head[1]!.includes('(')
  for (let to = from + 2; to <= Math.min(pieces.length, from + MAX_PARTS); to++) {
    const tail = TAIL.exec(pieces[to - 1]!.text)
    if (tail && (tail[3] === ')') === isOpen) ends.push(to)
    if (!MIDDLE.test(pieces[to - 1]!.text)) break
  }
  return ends
}

function mark(found: Segments, pieces: readonly Piece[], { from, to }: { from: number; to: number }): void {
  const [, sign = '', digits = ''] = HEAD.exec(pieces[from]!.text) ?? []
  const [, decimals, unit] = TAIL.exec(pieces[to - 1]!.text) ?? []
  const hasZero = pieces.slice(from + 1, to).some(({ text }) => text.startsWith('0'))
  const isTight = (i: number) => i > from && i < to
  const isSpaced =
    pieces.length > to - from && pieces.every(({ text }, i) => i === 0 || isTight(i) || text.startsWith(' '))
  if (isSpaced) found.isMarked = true
  if (/[^-+−]/.test(sign) || unit !== undefined || hasZero) found.isMarked = true
  if (digits.length < 3 || decimals !== undefined) found.isUneven = true
}
