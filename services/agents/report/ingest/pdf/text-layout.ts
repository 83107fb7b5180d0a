import { COLUMN_GAP, type Line, regionsOf } from './page-columns.ts'

/** A piece of text as it lies on a page: points, with the origin at the lower left. */
export interface PlacedText {
  text: string
  x: number
  y: number
  width: number
  height: number
  /** The producer marked a line end after it. */
  endsLine: boolean
}

/** A gap wider than this share of the letter height separates words. */
const WORD_GAP = 0.2
/** Pieces whose baselines differ less, in letter heights, stand on one line (superscripts do). */
const SAME_LINE = 0.5
/** A step to the next line longer than this, in usual steps of the page, starts a paragraph. */
const PARAGRAPH_STEP = 1.35
/** A line that ends left of this share of the width of the text was ended on purpose. */
const FULL_LINE = 0.85

/**
 * Text of a page in the order of its pieces: columns apart, lines rebuilt from positions, lines that only wrapped joined, and
 * an empty line between paragraphs. PDF has none of these; it places letters.
 */
export function layOutText(pieces: readonly PlacedText[]): string {
  return regionsOf(rowsOf(pieces))
    .map((rows) => rows.map(joined))
    .map((lines) => layOutRegion(lines))
    .join('\n\n')
}

/** A part of the page without columns side by side. */
function layOutRegion(lines: readonly Line[]): string {
  const step = usualStep(lines)
  return columnsOf(lines)
    .map((column) => layOutColumn(column, step))
    .join('\n\n')
}

function layOutColumn(lines: readonly Line[], step: number): string {
  const left = lines.reduce((least, line) => Math.min(least, line.left), Number.POSITIVE_INFINITY)
  const right = lines.reduce((max, line) => Math.max(max, line.right), Number.NEGATIVE_INFINITY)
  let text = lines[0]!.text
  for (const [index, line] of lines.slice(1).entries()) {
    const before = lines[index]!
    const wrapped = before.right - left >= FULL_LINE * (right - left)
    if (startsParagraph(before, line, step)) text += `\n\n${line.text}`
    else text = wrapped ? joinWrapped(text, line.text) : `${text}\n${line.text}`
  }
  return text
}

/** A line that is not below the one before it starts another column. */
function columnsOf(lines: readonly Line[]): Line[][] {
  const columns: Line[][] = []
  for (const line of lines) {
    const column = columns.at(-1)
    if (column && column.at(-1)!.y > line.y) column.push(line)
    else columns.push([line])
  }
  return columns
}

/** Lines in the order of the pieces, each in parts where a gap is as wide as between columns. */
function rowsOf(pieces: readonly PlacedText[]): Line[][] {
  const rows: Line[][] = []
  let row: Line[] | undefined
  for (const piece of pieces) {
    const last = row?.at(-1)
    if (row && last && isOnLine(piece, last)) {
      if (isColumnGap(last, piece)) row.push(lineFrom(piece))
      else append(last, piece)
    } else if (piece.text.trim() !== '') {
      row = [lineFrom(piece)]
      rows.push(row)
    }
    if (piece.endsLine) row = undefined
  }
  return rows
    .map((parts) => parts.map((one) => ({ ...one, text: one.text.replace(/\s+/g, ' ').trim() })))
    .filter((parts) => parts.some(({ text }) => text !== ''))
}

function lineFrom({ text, x, y, width, height }: PlacedText): Line {
  return { text, left: x, right: x + width, y, height }
}

function isColumnGap(line: Line, piece: PlacedText): boolean {
  return piece.text.trim() !== '' && piece.x - line.right > COLUMN_GAP * Math.max(line.height, 1)
}

function joined(parts: readonly Line[]): Line {
  const [first] = parts
  return {
    ...first!,
    text: parts.map(({ text }) => text).join(' '),
    right: Math.max(...parts.map(({ right }) => right)),
    height: Math.max(...parts.map(({ height }) => height)),
  }
}

function isOnLine(piece: PlacedText, line: Line): boolean {
  return Math.abs(piece.y - line.y) <= SAME_LINE * Math.max(line.height, piece.height, 1)
}

function append(line: Line, piece: PlacedText): void {
  if (piece.text.trim() === '') {
    // Readers fill gaps with a space as wide as the gap: it must not hide the gap.
    line.text += ' '
    return
  }
  const gap = piece.x - line.right
  const apart = gap > WORD_GAP * Math.max(line.height, 1)
  line.text += apart && !/\s$/.test(line.text) ? ` ${piece.text}` : piece.text
  line.right = Math.max(line.right, piece.x + piece.width)
  line.height = Math.max(line.height, piece.height)
}

/** The median step down from line to line; 0 when there are too few lines to tell. */
function usualStep(lines: readonly Line[]): number {
  const steps = lines
    .slice(1)
    .map((line, index) => lines[index]!.y - line.y)
    .filter((step) => step > 0)
    .toSorted((a, b) => a - b)
  return steps[Math.floor((steps.length - 1) / 2)] ?? 0
}

/** A long step down, or another size of letters. */
function startsParagraph(before: Line, line: Line, usual: number): boolean {
  const step = before.y - line.y
  const longest = PARAGRAPH_STEP * Math.max(usual, before.height, line.height)
  return step > longest || !sameFont(before, line)
}

function sameFont(a: Line, b: Line): boolean {
  return Math.abs(a.height - b.height) <= 0.15 * Math.max(a.height, b.height)
}

/** Words broken by a hyphen are mended; scripts without spaces get none. */
function joinWrapped(before: string, after: string): string {
  if (/\p{Ll}[-\u00ad\u2010]$/u.test(before) && /^\p{Ll}/u.test(after)) return before.slice(0, -1) + after
  const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}、。]$/u
  return spaceless.test(before) ? before + after : `${before} ${after}`
}
