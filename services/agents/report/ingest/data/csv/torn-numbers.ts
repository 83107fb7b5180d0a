import { sniffDialect } from './sniff-dialect.ts'
import { type Candidate, type Piece, piecesOf, records } from './torn-pieces.ts'
import { firstHead, type Segments, segmentsOf } from './torn-segments.ts'

/** Text whose numbers are whole again, and what to say of it. */
export interface MendedText {
  text: string
  notes: string[]
  losses: string[]
  /** Columns by index, 0-based, that are not to be used: too many of their cells could not be told. */
  setAside: number[]
  /** Where rows are read as they are, cells from this column on may stand in wrong columns; undefined where none is torn. */
  tornFrom?: number | undefined
  /** Some were put together again: that others are torn as well is certain. */
  isProven?: boolean
  /** The first cells count the rows, so that none of them is the begin of a number. */
  countsRows?: boolean
}

/**
 * Of the rows, so many may lack a value of a column that is used. Which ones lack it follows from how large they are: if a share m is
 * missing, the mean of the rest is off by up to √(m / (1 − m)) standard deviations: a third at 10 %, which is what the mean of ten rows is
 * uncertain by, and a half at 20 %.
 */
export const MAX_TORN = 0.1
/** Lines above the names of the columns at most. */
const MAX_ABOVE = 30
/** Of the rows that are too long, so many may be so for another reason, such as a comma in a text. */
const MAX_OTHERS = 0.1
/** As `withRowNames` has it: of the rows, so many have a cell more than the names where the rows have names. */
const MIN_NAMED = 0.9
/** Columns times surplus cells over all rows, some three seconds: who writes more has no numbers with commas. */
const MAX_STEPS = 100_000_000
const MAX_ROWS_TOLD = 5
/** How to mend such a file. */
export const ADVICE = 'Put such numbers in quotes, or use another delimiter, such as a semicolon or a tab.'

/**
 * Text between commas with numbers such as `$1,234.50` or `(1,234)` that nobody put in quotes, so that rows have more cells than there are
 * names: with those numbers in quotes, where each row allows one way only to get back to the number of names. Cells that may belong together
 * in several ways are left empty, and rows that may be lists of numbers are left as they are; both are losses. Columns of which more than 10 % of the
 * rows are so are set aside. Pure.
 *
 * @param given decoded, line ends as \n
 */
export function mendTornNumbers(given: string): MendedText {
  const same = { text: given, notes: [], losses: [], setAside: [] }
  if (!/\d,\d{3}(?!\d)/.test(given)) return same
  const { delimiter, quote, escapeMark, comments } = sniffDialect(given)
  if (delimiter !== ',' || quote !== '"' || escapeMark !== '"') return same
  const found = readTable(given, comments.start)
  if (!found || found.long.length === 0) return same
  const judged = judge(found)
  if (judged.verdict === 'other') return same
  if (judged.verdict === 'unproven') return unproven(given, found, judged)
  return mended(given, found, judged)
}

interface LongRow extends Candidate {
  /** 1-based, among the rows below the names. */
  number: number
}

interface TornTable {
  names: string[]
  rows: number
  /** Rows with more cells than names. */
  long: LongRow[]
  /** The first cells count the rows from 0 or 1. */
  countsRows: boolean
}

/** The names of the columns and the rows below that are longer; undefined where nothing names columns. */
function readTable(text: string, from: number): TornTable | undefined {
  let names: string[] | undefined
  let above = 0
  let last: Piece[] | undefined
  const table: TornTable = { names: [], rows: 0, long: [], countsRows: true }
  let first: number | undefined
  for (const { start, end } of records(text, from)) {
    const line = text.slice(start, end)
    if (line.trim() === '') continue
    if (!names) {
      const pieces = piecesOf(line)
      if (last && pieces.some(({ isNumber }) => isNumber)) {
        if (last.some(({ isNumber }) => isNumber)) return undefined
        names = last.map(({ text: name }) => name.trim())
        table.names = names
      } else {
        last = pieces
        if (above++ > MAX_ABOVE) return undefined
        continue
      }
    }
    table.rows++
    const count = Number(/^\s*(\d{1,9})(?=,|$)/.exec(line)?.[1] ?? Number.NaN)
    first ??= count
    table.countsRows &&= (first === 0 || first === 1) && count === first + table.rows - 1
    if (commasIn(line) < names.length) continue
    const pieces = piecesOf(line)
    while (pieces.length > names.length && pieces.at(-1)!.text.trim() === '') pieces.pop()
    if (pieces.length > names.length) table.long.push({ number: table.rows, start, end, pieces })
  }
  return names && table
}

function commasIn(line: string): number {
  let count = 0
  for (let at = line.indexOf(','); at >= 0; at = line.indexOf(',', at + 1)) count++
  return count
}

interface Judged {
  verdict: 'torn' | 'unproven' | 'other'
  /** As likely rows with a name that has no column of its own. */
  mayBeNamed?: boolean
  rows: { row: LongRow; segments: Segments }[]
}

function judge({ names, rows: count, long, countsRows }: TornTable): Judged {
  const steps = long.reduce((sum, { pieces }) => sum + names.length * (pieces.length - names.length), 0)
  if (steps > MAX_STEPS) return { verdict: 'unproven', rows: [] }
  const rows = long.flatMap((row) => {
    const segments = segmentsOf(row.pieces, { width: names.length, isFirstWhole: countsRows })
    return segments ? [{ row, segments }] : []
  })
  if (rows.length === 0) return { verdict: 'other', rows }
  const isMarked = rows.some(({ segments }) => segments.isMarked)
  // Lists of numbers have some that are no parts of larger ones.
  if (long.length - rows.length > MAX_OTHERS * long.length)
    return { verdict: isMarked ? 'unproven' : 'other', rows }
  const mayBeNamed =
    long.filter(({ pieces }) => pieces.length === names.length + 1).length >= MIN_NAMED * count
  if (mayBeNamed && countsRows && !isMarked) return { verdict: 'other', rows }
  const isProven = isMarked || (!mayBeNamed && rows.some(({ segments }) => segments.isUneven))
  return { verdict: isProven ? 'torn' : 'unproven', rows, mayBeNamed }
}

function mended(text: string, { names, rows: count, countsRows }: TornTable, { rows }: Judged): MendedText {
  const parts: string[] = []
  const unclear: LongRow[] = []
  const emptied = new Map<number, number>()
  let joined = 0
  let example: string | undefined
  let unclearExample: string | undefined
  let at = 0
  for (const { row, segments } of rows) {
    const cells = segments.columns.map((segment, column) => {
      if (segment === undefined) {
        emptied.set(column, (emptied.get(column) ?? 0) + 1)
        return ''
      }
      const raw = row.pieces.slice(segment.from, segment.to).map(({ text: piece }) => piece)
      if (raw.length === 1) return raw[0]!
      example ??= raw.join(',').trim()
      return `"${raw.join(',').trim()}"`
    })
    const isUnclear = segments.columns.includes(undefined)
    if (isUnclear) {
      unclear.push(row)
      unclearExample ??= segments.unclear.map((i) => row.pieces[i]!.text.trim()).join(',')
    } else joined++
    parts.push(text.slice(at, row.start), cells.join(','))
    at = row.end
  }
  parts.push(text.slice(at))
  const setAside = [...emptied].filter(([, cells]) => cells > MAX_TORN * count).map(([column]) => column)
  const left = [...emptied.keys()].filter((column) => !setAside.includes(column))
  const outcome = [
    ...(left.length > 0 ? [`${listed(left, names)} ${wasOrWere(left)} left empty there`] : []),
    ...(setAside.length > 0 ? [asideOf(setAside, names)] : []),
  ].join(', and ')
  const way =
    names.length === 1 ? 'as there is one column' : `as the ${names.length} columns leave one way only`
  return {
    text: parts.join(''),
    notes:
      joined === 0
        ? []
        : [
            `Numbers with commas that are not in quotes, such as ${example}, were torn apart in ${ofRows(joined, count)}; they were put together again, ${way}.`,
          ],
    losses:
      unclear.length === 0
        ? []
        : [
            `${ofRows(unclear.length, count)} (${rowsTold(unclear)}) ${unclear.length === 1 ? 'holds' : 'hold'} numbers with commas that are not in quotes (${unclearExample}), and which cells belong together cannot be told: ${outcome}. ${ADVICE}`,
          ],
    setAside,
    tornFrom: tornFrom(rows),
    isProven: true,
    countsRows,
  }
}

/** A row with its numbers put together again. */
export interface MendedRow {
  text: string
  /** What was put together first; undefined where nothing was. */
  joined?: string
  /** Columns that are left empty, as cells may belong together in several ways. */
  emptied: number[]
}

/** A row of more cells than names; undefined where it is no row of torn numbers. Pure. */
export function mendRow(
  line: string,
  { width, countsRows }: { width: number; countsRows: boolean },
): MendedRow | undefined {
  const pieces = piecesOf(line)
  while (pieces.length > width && pieces.at(-1)!.text.trim() === '') pieces.pop()
  if (pieces.length <= width) return { text: line, emptied: [] }
  const segments = segmentsOf(pieces, { width, isFirstWhole: countsRows })
  if (!segments) return undefined
  const row: MendedRow = { text: '', emptied: [] }
  row.text = segments.columns
    .map((segment, column) => {
      if (!segment) {
        row.emptied.push(column)
        return ''
      }
      const raw = pieces.slice(segment.from, segment.to).map(({ text }) => text)
      if (raw.length === 1) return raw[0]!
      const joined = raw.join(',').trim()
      row.joined ??= joined
      return `"${joined}"`
    })
    .join(',')
  return row
}

/** Rows that may be lists: cells from the first number that may be torn on are set aside where there are many such rows. */
function unproven(given: string, table: TornTable, { rows, mayBeNamed }: Judged): MendedText {
  const same = { text: given, notes: [], losses: [unprovenLoss(table)], setAside: [] }
  // Read with names of rows, each cell is in its column.
  if (mayBeNamed) return same
  const known = new Map(rows.map(({ row, segments }) => [row, segments]))
  const from = tornFrom(table.long.map((row) => ({ row, segments: known.get(row) })))
  if (from === undefined || from >= table.names.length) return same
  if (table.long.length <= MAX_TORN * table.rows) return { ...same, tornFrom: from }
  const setAside = table.names.map((_, column) => column).slice(from)
  const losses = [`${unprovenLoss(table, '')} So ${asideOf(setAside, table.names)}. ${ADVICE}`]
  return { ...same, text: from === 0 ? given : cutRows(given, table, from), losses, setAside, tornFrom: from }
}

/** Long rows with their first cells only, so that they are as wide as the others. */
function cutRows(text: string, { long, names }: TornTable, from: number): string {
  const parts: string[] = []
  let at = 0
  for (const row of long) {
    const cells = row.pieces.slice(0, from).map(({ text: piece }) => piece)
    parts.push(text.slice(at, row.start), [...cells, ...names.slice(from).map(() => '')].join(','))
    at = row.end
  }
  return [...parts, text.slice(at)].join('')
}

/** The first column whose cells may stand elsewhere. */
function tornFrom(rows: readonly { row: LongRow; segments: Segments | undefined }[]): number | undefined {
  let first: number | undefined
  for (const { row, segments } of rows) {
    const moved = segments?.columns.findIndex((segment) => !segment || segment.to - segment.from > 1)
    const from = segments ? (moved === -1 ? undefined : moved) : firstHead(row.pieces)
    if (from !== undefined) first = Math.min(first ?? from, from)
  }
  return first
}

const MAX_NAMES_TOLD = 10

/** What is said of columns that are set aside. Pure. */
export function asideOf(columns: readonly number[], names: readonly string[]): string {
  return `${listed(columns, names)} ${wasOrWere(columns)} set aside as a whole, since what is left would not stand for all rows; nothing here is computed from ${columns.length === 1 ? 'it' : 'them'}`
}

/** Names of columns, the first ten. Pure. */
export function listed(columns: readonly number[], names: readonly string[]): string {
  const told = columns.slice(0, MAX_NAMES_TOLD).map((column) => `"${names[column]}"`)
  if (columns.length > told.length)
    return `${told.join(', ')} and ${columns.length - told.length} more columns`
  return told.length < 3 ? told.join(' and ') : `${told.slice(0, -1).join(', ')} and ${told.at(-1)}`
}

function wasOrWere({ length }: readonly number[]): string {
  return length === 1 ? 'was' : 'were'
}

function unprovenLoss({ names, rows, long }: TornTable, advice = ` ${ADVICE}`): string {
  const cells = long[0]!.pieces.map(({ text }) => text.trim()).join(',')
  return `${ofRows(long.length, rows)} (${rowsTold(long)}) ${long.length === 1 ? 'has' : 'have'} more cells than the ${names.length} columns that are named, such as ${cells.slice(0, 80)}: if these are numbers with commas, they are torn apart, and values stand in wrong columns.${advice}`
}

function ofRows(part: number, whole: number): string {
  return `${part} of ${whole} ${whole === 1 ? 'row' : 'rows'}`
}

function rowsTold(rows: readonly LongRow[]): string {
  const told = rows.slice(0, MAX_ROWS_TOLD).map(({ number }) => number)
  return `${rows.length === 1 ? 'row' : 'rows'} ${told.join(', ')}${rows.length > told.length ? ' …' : ''}`
}
