/** A column of a text by position: UTF-16 units of a line, end not included. */
export interface ColumnSpan {
  start: number
  end: number
}

/** `-----  ----`: a rule below the names draws the columns. */
const SPLIT_RULE = /^\s*[-=─]{2,}(?:\s+[-=─]+)+\s*$/
/** So many lines of ten may have something where the others part columns; in few lines none. */
const MISFIT_SHARE = 0.05
const FEW_LINES = 20
/** From so many lines on, blanks below each other are no chance: one in six characters of a text is one. */
const SURE_LINES = 8
/** What parts columns of words is at least so wide in fewer lines. */
const WIDE_GAP = 2
const NUMBER_OR_DATE =
  /^[(+\-−<>]?\s*[$€£¥]?\s*\d[\d.,:/\-T]*\s*(?:[%‰°$€£¥)]|[A-Za-zµ°]{1,4})?$|^(?:nan|na|n\/a|null|-|\.)$/i
const VALUE_SHARE = 0.8

/** Whether a line draws columns by dashes with blanks between. Pure. */
export function isSplitRule(line: string): boolean {
  return SPLIT_RULE.test(line)
}

/** The columns that such a line draws: each goes on to the next. Pure. */
export function columnsOfRule(rule: string): ColumnSpan[] {
  return [...rule.matchAll(/[-=─]+/g)].map(({ index, 0: dashes }) => ({
    start: index,
    end: index + dashes.length,
  }))
}

/** A number, a date, a time or a mark of a missing one. Pure. */
export function isValue(cell: string): boolean {
  return NUMBER_OR_DATE.test(cell.trim())
}

/** Whether nearly all filled cells are values; false where none is filled. Pure. */
export function areValues(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '')
  return filled.length > 0 && filled.filter(isValue).length >= VALUE_SHARE * filled.length
}

/**
 * Where the columns of lines stand that are aligned: parted by positions that are blank in nearly all of them. A single blank parts
 * only in many lines, or beside a column of numbers. Pure.
 *
 * @param lines without the one that names the columns, tabs expanded
 */
export function columnsByPosition(lines: readonly string[]): ColumnSpan[] {
  const allowed = lines.length < FEW_LINES ? 0 : Math.floor(MISFIT_SHARE * lines.length)
  const spans = filledSpans(occupancy(lines), allowed)
  if (lines.length >= SURE_LINES) return spans
  const isNumeric = spans.map(({ start, end }) => areValues(lines.map((line) => line.slice(start, end))))
  const joined: ColumnSpan[] = []
  for (const [i, span] of spans.entries()) {
    const previous = joined.at(-1)
    const isParted =
      previous === undefined || span.start - previous.end >= WIDE_GAP || isNumeric[i] || isNumeric[i - 1]
    if (isParted) joined.push({ ...span })
    else previous.end = span.end
  }
  return joined
}

/** By position: in how many lines something stands there. */
function occupancy(lines: readonly string[]): Uint32Array {
  const width = lines.reduce((most, line) => Math.max(most, line.length), 0)
  const counts = new Uint32Array(width)
  for (const line of lines) {
    for (let at = 0; at < line.length; at++) if (line[at] !== ' ') counts[at]!++
  }
  return counts
}

function filledSpans(counts: Uint32Array, allowed: number): ColumnSpan[] {
  const spans: ColumnSpan[] = []
  for (const [at, count] of counts.entries()) {
    if (count <= allowed) continue
    const previous = spans.at(-1)
    if (previous?.end === at) previous.end++
    else spans.push({ start: at, end: at + 1 })
  }
  return spans
}

/** The cells of a line by position, and whether a word stands outside of the columns, or in two. */
export interface PlacedCells {
  cells: string[]
  isMisfit: boolean
}

/**
 * Gives each word of a line to the column that it overlaps most; one that overlaps none goes with the word next to it, else to the
 * nearest column. Pure.
 *
 */
export function cellsByPosition(line: string, columns: readonly ColumnSpan[]): PlacedCells {
  const words = [...line.matchAll(/\S+/g)].map(({ index, 0: text }) => ({
    start: index,
    end: index + text.length,
    text,
  }))
  const places = words.map((word) => overlapped(word, columns))
  const cells = columns.map(() => [] as string[])
  let isMisfit = false
  for (const [i, word] of words.entries()) {
    const place = places[i]!
    isMisfit ||= !columns.some(({ start, end }) => start <= word.start && word.end <= end)
    const next = words[i + 1]
    const isBeside = next !== undefined && next.start - word.end === 1
    const column = place[0] ?? (isBeside ? places[i + 1]![0] : undefined) ?? nearest(word, columns)
    cells[column]!.push(word.text)
  }
  return { cells: cells.map((texts) => texts.join(' ')), isMisfit }
}

/** Columns that a word stands in, the one first that holds most of it. */
function overlapped(word: ColumnSpan, columns: readonly ColumnSpan[]): number[] {
  const shared = (column: ColumnSpan) => Math.min(word.end, column.end) - Math.max(word.start, column.start)
  return columns
    .flatMap((column, i) => (shared(column) > 0 ? [i] : []))
    .sort((a, b) => shared(columns[b]!) - shared(columns[a]!))
}

function nearest(word: ColumnSpan, columns: readonly ColumnSpan[]): number {
  const distance = ({ start, end }: ColumnSpan) => Math.max(start - word.end, word.start - end)
  return columns.reduce((best, column, i) => (distance(column) < distance(columns[best]!) ? i : best), 0)
}
