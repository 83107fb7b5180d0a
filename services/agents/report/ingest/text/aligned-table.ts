import {
  areValues,
  type ColumnSpan,
  cellsByPosition,
  columnsByPosition,
  columnsOfRule,
  isSplitRule,
  isValue,
} from './column-positions.ts'

/** A table whose columns stand below each other, as rows of cells. */
export interface AlignedTable {
  rows: string[][]
  /** Lines with words that stand in no column, or in two. */
  misfits: number
}

/** A heading and two rows. */
const MIN_LINES = 3
/** Two columns are one list of names and values more often than a table. */
const MIN_COLUMNS = 3
const TAB_WIDTH = 8
/** Lines that tell where the columns are. */
const SAMPLE_LINES = 2_000
/** Of lines, that may have words between the columns. */
const MAX_MISFITS = 0.1
/** Of the columns, that must have a name. */
const NAMED_SHARE = 0.6
/** Of cells, that must hold something. */
const FILLED_SHARE = 0.5
/** Of cells, that must be values where no line names the columns. */
const MOSTLY_VALUES = 0.6
/** Words of a cell on average there: logs have messages. */
const BARE_WORDS = 1.5
/** Of columns, that must be flush on one side where they are parted. */
const FLUSH_SHARE = 0.8
const NAME_WORDS = 4
/** Words of a cell on average; the last column may be a remark. */
const CELL_WORDS = 3
const REMARK_WORDS = 12
/** Signs between names and values in settings and code; a dash, a point or a question mark is a missing value. */
const SIGNS = /^(?![-–—.?]$)[^\p{L}\p{N}\s]+$/u
const LEADERS = /\.{4,}|(?:\. ){3,}|·{3,}|_{4,}/
const CODE = /[;{}]\s*$|^\s*(?:\/\/|\/\*|#include|import |return\b|def |if \(|for \()|=>|:=|&&/
/** Of lines, that make a text one of code or a list of contents. */
const FEW = 0.2
const LEVEL = /^\[?(?:info|warn|warning|error|debug|trace|fatal|notice|critical|severe)\]?:?$/i
const FILE_MODE = /^[bcdlps-][rwxsStT-]{9}[.+@]?$/
/** In a signature below a letter. */
const PHONE = /^(?:tel|phone|fax|mob|mobile|cell|office)\b[.:]?/i
/** Begins a line of a log, if words come behind. */
const DATE_AND_TIME = /^\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/
const ADDRESS = /^(?:0x)?[0-9a-f]{6,}:?$/i

/**
 * Lines as a table by the positions of their cells, where those hold over nearly all lines: numbers aligned on the right, words on the
 * left, cells may be blank or hold single blanks. Undefined for texts, code, logs and lists. Pure.
 */
export function alignedTable(given: readonly string[]): AlignedTable | undefined {
  const lines = given.map((line) => expanded(line.trimEnd()))
  if (lines.filter((line) => CODE.test(line) || LEADERS.test(line)).length > FEW * lines.length)
    return undefined
  const rule = lines.findIndex(isSplitRule)
  if (rule >= 0) return ruledTable(lines, rule)
  if (lines.length < MIN_LINES) return undefined
  const found = columnsByPosition(lines.slice(1, SAMPLE_LINES))
  if (found.length < MIN_COLUMNS) return undefined
  const columns = standsAlone(placed(lines, found).rows) ? found : withNamesJoined(lines[0]!, found)
  if (columns.length < MIN_COLUMNS) return undefined
  const table = placed(lines, columns)
  return isPlausible(table.rows) && isTable(table, lines, columns) ? table : undefined
}

/** Whether a text says of a line that it is code or one of a list of contents. Pure. */
export function isCodeOrContents(line: string): boolean {
  return CODE.test(line) || LEADERS.test(line)
}

/** Rows below names, or such as need none. Pure. */
export function isPlausible(ragged: readonly string[][]): boolean {
  const rows = ragged.map((row) => ragged[0]!.map((_, i) => row[i] ?? ''))
  const [names, ...body] = rows
  if (rows.some((row) => PHONE.test(row[0]!)) && rows.flat().some((cell) => /^[+(]*0\d/.test(cell)))
    return false
  return areNames(names!, body) || standsAlone(rows)
}

/** Words of a cell stand below each other by chance: what has no name of its own and is one blank away goes with what is left of it. */
function withNamesJoined(names: string, columns: readonly ColumnSpan[]): ColumnSpan[] {
  const { cells } = cellsByPosition(names, columns)
  const joined: ColumnSpan[] = []
  for (const [i, column] of columns.entries()) {
    const previous = joined.at(-1)
    if (previous && cells[i] === '' && column.start - previous.end === 1) previous.end = column.end
    else joined.push({ ...column })
  }
  return joined
}

/** Below names that are underlined column by column, words are enough. */
function ruledTable(lines: readonly string[], rule: number): AlignedTable | undefined {
  const spans = columnsOfRule(lines[rule]!)
  const open = spans.map(({ start }, i) => ({ start, end: spans[i + 1]?.start ?? Number.POSITIVE_INFINITY }))
  const rows = lines.filter((line) => !isSplitRule(line))
  const isUnderNames = rule === 1 || (rule === 0 && isSplitRule(lines[2] ?? ''))
  if (!isUnderNames || spans.length < 2 || rows.length < 2) return undefined
  const table = placed(rows, open)
  return table.misfits <= MAX_MISFITS * rows.length ? table : undefined
}

function placed(lines: readonly string[], columns: readonly ColumnSpan[]): AlignedTable {
  // What hangs over on the right belongs to the last column.
  const reaching = columns.map((column, i) =>
    i === columns.length - 1 ? { ...column, end: Number.POSITIVE_INFINITY } : column,
  )
  const all = lines.map((line) => cellsByPosition(line, reaching))
  // Names may hang over.
  return {
    rows: all.map(({ cells }) => cells),
    misfits: all.slice(1).filter(({ isMisfit }) => isMisfit).length,
  }
}

/** The first line names most columns, those of numbers by words. */
function areNames(names: readonly string[], body: readonly string[][]): boolean {
  const isNumeric = names.map((_, i) => areValues(body.map((row) => row[i]!)))
  const named = names.filter((name) => name !== '')
  return (
    named.length >= NAMED_SHARE * names.length &&
    names.every((name, i) => !isNumeric[i] || name === '' || !isValue(name) || /^\d{4}$/.test(name)) &&
    isNumeric.some((numeric, i) => numeric && /\p{L}/u.test(names[i]!)) &&
    named.every((name) => wordsIn(name) <= NAME_WORDS && !/[.!?,:;]$/.test(name)) &&
    new Set(named).size * 2 > named.length
  )
}

/** Without names: a listing of files, or numbers nearly everywhere. */
function standsAlone(rows: readonly string[][]): boolean {
  if (rows.every((row) => FILE_MODE.test(row[0]!))) return true
  if (rows[0]!.some((_, i) => areSigns(rows.map((row) => row[i]!)))) return false
  const filled = rows.flat().filter((cell) => cell !== '')
  const isFull = rows[0]!.filter((cell) => cell !== '').length >= NAMED_SHARE * rows[0]!.length
  const isBare = rows[0]!.every((_, i) => {
    const cells = rows.map((row) => row[i]!).filter((cell) => cell !== '')
    return cells.reduce((sum, cell) => sum + wordsIn(cell), 0) <= BARE_WORDS * cells.length
  })
  return (
    isFull &&
    isBare &&
    filled.filter(isValue).length >= MOSTLY_VALUES * filled.length &&
    !rows.every((row) => ADDRESS.test(row[0]!)) &&
    !isLog(rows)
  )
}

function isLog(rows: readonly string[][]): boolean {
  const hasWords = rows[0]!.some((_, i) => i > 1 && !areValues(rows.map((row) => row[i]!)))
  return (
    hasWords && rows.every(([day, time]) => DATE_AND_TIME.test(`${day} ${time}`) || DATE_AND_TIME.test(day!))
  )
}

function isTable(
  { rows, misfits }: AlignedTable,
  lines: readonly string[],
  columns: readonly ColumnSpan[],
): boolean {
  const [, ...body] = rows
  const cellsOf = (i: number) => body.map((row) => row[i]!)
  const last = columns.length - 1
  const isFlush = columns.map((span) => isFlushLeft(lines, span) || isFlushRight(lines, span))
  const filled = body.flat().filter((cell) => cell !== '')
  return (
    misfits <= MAX_MISFITS * body.length &&
    filled.length >= FILLED_SHARE * body.length * columns.length &&
    isFlush.filter(Boolean).length >= FLUSH_SHARE * columns.length &&
    columns.some((_, i) => areValues(cellsOf(i)) && !isLevel(cellsOf(i))) &&
    columns.every((_, i) => {
      const cells = cellsOf(i).filter((cell) => cell !== '')
      const words = cells.reduce((sum, cell) => sum + wordsIn(cell), 0)
      return (
        words <= (i === last ? REMARK_WORDS : CELL_WORDS) * cells.length &&
        !areSigns(cells) &&
        !isLevel(cells)
      )
    })
  )
}

function areSigns(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell !== '')
  return filled.length > 0 && filled.every((cell) => SIGNS.test(cell))
}

function isLevel(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell !== '')
  return filled.length > 0 && filled.every((cell) => LEVEL.test(cell))
}

/** Nearly all cells begin where the column does. */
function isFlushLeft(lines: readonly string[], { start, end }: ColumnSpan): boolean {
  return isMostly(lines, { start, end }, (cell) => !cell.startsWith(' '))
}

function isFlushRight(lines: readonly string[], { start, end }: ColumnSpan): boolean {
  return isMostly(lines, { start, end }, (cell) => cell.length === end - start && !cell.endsWith(' '))
}

function isMostly(
  lines: readonly string[],
  { start, end }: ColumnSpan,
  fits: (cell: string) => boolean,
): boolean {
  const cells = lines
    .slice(1)
    .map((line) => line.slice(start, end))
    .filter((cell) => cell.trim() !== '')
  return cells.filter(fits).length >= FLUSH_SHARE * cells.length
}

function wordsIn(cell: string): number {
  return cell.split(/\s+/).length
}

function expanded(line: string): string {
  if (!line.includes('\t')) return line
  let text = ''
  for (const part of line.split('\t'))
    text += part + ' '.repeat(TAB_WIDTH - ((text.length + part.length) % TAB_WIDTH))
  return text.trimEnd()
}
