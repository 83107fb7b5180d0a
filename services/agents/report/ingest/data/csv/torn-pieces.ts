/** A cell as it stands between two commas. */
export interface Piece {
  /** With its quotes and spaces. */
  text: string
  isNumber: boolean
}

/** A row of text with its cells. */
export interface Candidate {
  start: number
  end: number
  pieces: Piece[]
}

const NUMBER = /^[-+−(]{0,2}(?:[$€£¥₹]|(?:USD|EUR|GBP|CHF)\s?)?[-−(]?\d[\d.]*\s?[%€$£)]{0,2}$/
const YEAR = /^(?:1[6-9]|20|21)\d{2}$/

/** Where rows begin and end: line ends in quotes are part of a cell. Pure. */
export function* records(text: string, from: number): Generator<{ start: number; end: number }> {
  for (let start = from; start < text.length; ) {
    let end = lineEnd(text, start)
    let quotes = quotesIn(text, start, end)
    // A quote that is never closed is a character.
    const first = end
    while (quotes % 2 === 1 && end < text.length) {
      const next = lineEnd(text, end + 1)
      quotes += quotesIn(text, end + 1, next)
      end = next
      if (end - start > MAX_RECORD) break
    }
    if (quotes % 2 === 1) end = first
    yield { start, end }
    start = end + 1
  }
}

const MAX_RECORD = 64 * 1024

function lineEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from)
  return found < 0 ? text.length : found
}

/** Sought in this line alone: the next quote may stand far below. */
function quotesIn(text: string, from: number, to: number): number {
  return text.slice(from, to).split('"').length - 1
}

/** The cells of a row; a comma in quotes is none. Pure. */
export function piecesOf(row: string): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at <= row.length; at++) {
    if (row[at] === '"') isQuoted = !isQuoted
    if (at < row.length && (row[at] !== ',' || isQuoted)) continue
    const text = row.slice(start, at)
    const plain = text.trim()
    pieces.push({ text, isNumber: NUMBER.test(plain) && !YEAR.test(plain) })
    start = at + 1
  }
  return pieces
}
