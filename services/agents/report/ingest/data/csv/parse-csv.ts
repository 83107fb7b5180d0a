import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Table } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { buildTable, columnNames } from '../build-table.ts'
import { splitHeader } from './header-rows.ts'
import { leftOutLines, lineText } from './left-out-lines.ts'
import { readRows } from './read-rows.ts'
import { sniffDialect } from './sniff-dialect.ts'
import { trimEnd } from './table-end.ts'
import { countsRows, filledWidth, fullWidth, isComment, withRowNames } from './table-width.ts'
import { mendTornNumbers } from './torn-numbers.ts'
import { withoutTotals } from './total-rows.ts'

const MAX_REPEATED_TOLD = 5
const MIN_HEADED_WIDTH = 3
const MAX_HEADINGS = 0.3

/**
 * CSV text as a table: delimiter, header and kinds of columns are found out. Pure.
 *
 * @param given decoded, line ends as \n
 * @throws MurmurError BROKEN_FILE when there is no row at all, or no column can be used
 */
export function parseCsv(given: string, { name }: { name: string }): Table {
  const { text, notes, losses, setAside } = mendTornNumbers(given)
  const { start, above, ...dialect } = sniffDialect(text)
  // One more for the header.
  const read = readRows(text.slice(start), { ...dialect, maxRows: INGEST_LIMITS.tableRows + 1 })
  const { delimiter } = dialect
  return tableOfRows(read.rows, {
    ...read,
    notes: [...notes, ...read.notes],
    losses: [...losses, ...read.losses],
    setAside,
    name,
    above,
    delimiter,
    isOpenEnded: !text.endsWith('\n'),
  })
}

/** Where the rows of a table come from. */
export interface RowSource {
  name: string
  /** Lines above the first row, and below the last. */
  above?: readonly string[]
  below?: readonly string[]
  notes?: readonly string[]
  losses?: readonly string[]
  /** Columns by index, 0-based, that are not to be used; a loss says why. */
  setAside?: readonly number[]
  /** There are more rows than these. */
  more?: boolean
  delimiter?: string
  /** The last row has no line end. */
  isOpenEnded?: boolean
}

/**
 * Rows of cells as a table: names of columns, remarks, totals and kinds are found out. Pure.
 *
 * @throws MurmurError BROKEN_FILE when there is no row at all
 */
export function tableOfRows(all: string[][], source: RowSource): Table {
  if (all.length === 0) throw new MurmurError('BROKEN_FILE', 'the file has no rows')
  const { name } = source
  const { rows, comments } = withoutComments(all)
  const split = splitHeader(rows)
  const { units } = split
  const { body: below, repeated } = withoutRepeats(split)
  const header = withRowNames(split.header, below)
  const shape = shapeOf(header, below)
  const { body: rowsAndTotals, remarks } = trimEnd(below, shape.width)
  const { body, totals } = withoutTotals(rowsAndTotals)
  const kept = body.slice(
    0,
    Math.min(INGEST_LIMITS.tableRows, Math.floor(INGEST_LIMITS.tableCells / shape.width)),
  )
  const index = header.length > 0 && countsRows(header, kept)
  const names = columnNames(
    Array.from({ length: shape.width }, (_, i) => (i === 0 && index ? index : (header[i] ?? ''))),
  )
  const { cells, cut } = columnsOf(kept, shape.width)
  const isNamed = (i: number) => (header[i] ?? '').trim() !== '' || (i === 0 && index)
  const columns = names
    .map((columnName, i) => ({
      name: columnName,
      cells: cells[i]!,
      ...(units[i] !== undefined && { unit: units[i] }),
    }))
    // Columns that only keep others apart.
    .filter(
      ({ cells: column }, i) =>
        !source.setAside?.includes(i) &&
        (isNamed(i) || column.some((cell) => cell !== null && cell.trim() !== '')),
    )
  const isPartial = source.setAside !== undefined && source.setAside.length > 0
  if (isPartial && columns.length === 0)
    throw new MurmurError('BROKEN_FILE', source.losses?.[0] ?? 'no column can be used')
  const notes = [...(source.notes ?? [])]
  const losses = [...(source.losses ?? []), ...shape.losses]
  const left = [
    leftOutLines(
      [...(source.above ?? []), ...split.above.map(lineText), ...comments],
      'above or among the rows of the table',
    ),
    leftOutLines([...remarks, ...(source.below ?? [])], 'below the table'),
  ]
  notes.push(...left.flatMap(({ note }) => note ?? []))
  losses.push(...left.flatMap(({ loss }) => loss ?? []))
  if (source.isOpenEnded) losses.push(...cutRow(body, shape.width))
  if (repeated > 0) notes.push(`${lines(repeated)} the names of the columns again and left out.`)
  if (totals.length > 0)
    notes.push(
      totals.length === 1
        ? `The row "${totals[0]}" sums up the others and was left out, so that no value counts twice.`
        : `${totals.length} rows ("${totals[0]}" …) sum up others and were left out, so that no value counts twice.`,
    )
  if (index) notes.push(`The first column has no name and counts the rows; it is called "${index}".`)
  if (units.some((unit) => unit !== undefined))
    notes.push('The row below the names states units; it is no row of values.')
  notes.push(...repeatedNames(header), ...headingNotes(kept, shape.width))
  if (header.length === 0) notes.push('The first row holds values, so the columns have no names.')
  if (kept.length === 0) notes.push('The table has no rows.')
  if (cut > 0)
    losses.push(
      `${cut} ${cut === 1 ? 'cell was' : 'cells were'} cut after ${INGEST_LIMITS.cellCharacters} characters.`,
    )
  if (source.more || kept.length < body.length) losses.push(`Only the first ${kept.length} rows were read.`)
  // In files with semicolons the comma is free to be the decimal sign; without any comma, points are no thousands.
  const commas =
    source.delimiter === ';' && columns.some(({ cells }) => cells.some((cell) => cell?.includes(',')))
  const decimal = commas ? ',' : '.'
  return buildTable({
    name,
    rows: kept.length,
    columns,
    // What stands below the table is told as such.
    notes: [...notes, ...(remarks.length > 0 ? shapeOf(header, rowsAndTotals) : shape).notes],
    losses,
    decimal,
    isPartial,
  })
}

/** Lines among the rows that begin with `#` and are no full row. */
function withoutComments(all: string[][]): { rows: string[][]; comments: string[] } {
  if (!all.some((row) => row.length > 1)) return { rows: all, comments: [] }
  const rows = all.filter((row) => !isComment(row))
  return { rows, comments: rows.length === all.length ? [] : all.filter(isComment).map(lineText) }
}

/** Rows of a single word between full ones. */
function headingNotes(rows: readonly string[][], width: number): string[] {
  if (width < MIN_HEADED_WIDTH) return []
  const isHeading = (row: readonly string[], i: number) =>
    filledWidth(row) === 1 && rows[i + 1] !== undefined && filledWidth(rows[i + 1]!) > 2
  const found = rows.filter(isHeading)
  if (found.length < 2 || found.length > MAX_HEADINGS * rows.length) return []
  return [
    `${found.length} rows hold nothing but their first cell ("${found[0]![0]!.trim()}", "${found[1]![0]!.trim()}"${found.length > 2 ? ' …' : ''}); they may be headings of the rows below them.`,
  ]
}

/** Names that several columns have. */
function repeatedNames(header: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const cell of header) {
    const name = cell.trim()
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .slice(0, MAX_REPEATED_TOLD)
    .map(([name, count]) => `${count} columns are called "${name}"; the later ones are numbered.`)
}

/** A file that was cut ends in a row that lacks cells which all others have, and without a line end. */
function cutRow(rows: readonly string[][], width: number): string[] {
  const last = rows.at(-1)
  const isCut =
    last &&
    rows.length >= 3 &&
    last.length < width &&
    rows.every((row) => row === last || row.length >= width)
  return isCut
    ? [
        `The last row ends after ${last.length} of ${width} cells and without a line end: the file may be cut off there.`,
      ]
    : []
}

/** Files that were put together repeat the names of the columns. */
function withoutRepeats({ header, body }: { header: readonly string[]; body: string[][] }): {
  body: string[][]
  repeated: number
} {
  if (header.length < 2) return { body, repeated: 0 }
  const isRepeat = (row: readonly string[]) =>
    row[0] === header[0] && row.length === header.length && row.every((cell, i) => cell === header[i])
  const rows = body.filter((row) => !isRepeat(row))
  return { body: rows, repeated: body.length - rows.length }
}

interface Shape {
  width: number
  notes: string[]
  losses: string[]
}

/** The width of the table, and what to say about lines of another one. */
function shapeOf(header: readonly string[], body: readonly string[][]): Shape {
  const widths = body.map(filledWidth)
  const full = fullWidth(header, widths)
  const width = Math.min(full, INGEST_LIMITS.tableColumns)
  const notes: string[] = []
  const losses: string[] = []
  if (full > width) losses.push(`Only the first ${width} of ${full} columns were read.`)
  const short = body.findIndex((row) => row.length < full)
  const long = widths.findIndex((cells) => cells > full)
  const count = (fits: (i: number) => boolean) => body.reduce((sum, _, i) => sum + (fits(i) ? 1 : 0), 0)
  if (short >= 0) {
    const n = count((i) => body[i]!.length < full)
    notes.push(
      `${rowsHave(n)} fewer cells than ${full}, the first in row ${short + 1}; the missing ones are empty.`,
    )
  }
  if (long >= 0) {
    const n = count((i) => widths[i]! > full)
    const cells = widths.reduce((sum, width) => sum + Math.max(0, width - full), 0)
    losses.push(
      `${rowsHave(n)} more cells than ${full}, the first in row ${long + 1}; ${cells === 1 ? '1 cell was' : `${cells} cells were`} left out.`,
    )
  }
  return { width, notes, losses }
}

/** The cells by column, row after row as they lie in memory; `cut` are too long, those beyond the width too. */
function columnsOf(
  rows: readonly (readonly string[])[],
  width: number,
): { cells: (string | null)[][]; cut: number } {
  const cells = Array.from({ length: width }, () => new Array<string | null>(rows.length).fill(null))
  let cut = 0
  for (const [at, row] of rows.entries()) {
    for (let i = 0; i < row.length; i++) {
      const cell = row[i]!
      const isTooLong = cell.length > INGEST_LIMITS.cellCharacters
      if (isTooLong) cut++
      if (i < width) cells[i]![at] = isTooLong ? shortened(cell) : cell
    }
  }
  return { cells, cut }
}

function shortened(cell: string): string {
  return cell.slice(0, INGEST_LIMITS.cellCharacters).toWellFormed()
}

function lines(count: number): string {
  return count === 1 ? '1 line was' : `${count} lines were`
}

function rowsHave(count: number): string {
  return count === 1 ? '1 row has' : `${count} rows have`
}
