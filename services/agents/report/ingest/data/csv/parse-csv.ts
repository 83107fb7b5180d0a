import { MurmurError } from '#platform/errors/murmur-error.ts'
import { percentile } from '#platform/statistics/percentile.ts'
import type { Table } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { buildTable, columnNames } from '../build-table.ts'
import { splitHeader } from './header-rows.ts'
import { readRows } from './read-rows.ts'
import { sniffDialect } from './sniff-dialect.ts'
import { trimEnd } from './table-end.ts'

/**
 * CSV text as a table: delimiter, header and kinds of columns are found out. Pure.
 *
 * @param text decoded, line ends as \n
 * @throws MurmurError BROKEN_FILE when there is no row at all
 */
export function parseCsv(text: string, { name }: { name: string }): Table {
  const { start, skippedLines, ...dialect } = sniffDialect(text)
  // One more for the header.
  const read = readRows(text.slice(start), { ...dialect, maxRows: INGEST_LIMITS.tableRows + 1 })
  if (read.rows.length === 0) throw new MurmurError('BROKEN_FILE', 'the file has no rows')
  const { header, body: below, units, skipped } = splitHeader(read.rows)
  const shape = shapeOf(header, below)
  const { body, footers, totals } = trimEnd(below, shape.width)
  const kept = body.slice(
    0,
    Math.min(INGEST_LIMITS.tableRows, Math.floor(INGEST_LIMITS.tableCells / shape.width)),
  )
  const names = columnNames(Array.from({ length: shape.width }, (_, i) => header[i] ?? ''))
  const columns = names.map((columnName, i) => ({
    name: columnName,
    cells: kept.map((row) => cellOf(row, i)),
    ...(units[i] !== undefined && { unit: units[i] }),
  }))
  const notes = [...read.notes]
  const losses = [...shape.losses]
  if (skippedLines + skipped > 0) notes.push(`${lines(skippedLines + skipped)} above the table left out.`)
  if (footers > 0) notes.push(`${lines(footers)} below the table left out.`)
  for (const total of totals)
    notes.push(`The row "${total}" sums up the others and was left out, so that no value counts twice.`)
  if (units.some((unit) => unit !== undefined))
    notes.push('The row below the names states units; it is no row of values.')
  if (header.length === 0) notes.push('The first row holds values, so the columns have no names.')
  if (kept.length === 0) notes.push('The table has no rows.')
  const cut = kept.reduce((sum, row) => sum + row.filter(isTooLong).length, 0)
  if (cut > 0)
    losses.push(
      `${cut} ${cut === 1 ? 'cell was' : 'cells were'} cut after ${INGEST_LIMITS.cellCharacters} characters.`,
    )
  if (read.more || kept.length < body.length) losses.push(`Only the first ${kept.length} rows were read.`)
  // In files with semicolons the comma is free to be the decimal sign; without any comma, points are no thousands.
  const commas =
    dialect.delimiter === ';' && columns.some(({ cells }) => cells.some((cell) => cell?.includes(',')))
  const decimal = commas ? ',' : '.'
  return buildTable({ name, rows: kept.length, columns, notes: [...notes, ...shape.notes], losses, decimal })
}

interface Shape {
  width: number
  notes: string[]
  losses: string[]
}

/** The width of the table, and what to say about lines of another one. */
function shapeOf(header: readonly string[], body: readonly string[][]): Shape {
  const widths = body.map(filledWidth)
  const usual = header.length > 0 ? header.length : Math.max(1, ...typicalWidth(widths))
  const wider = widths.filter((width) => width > usual).length
  // When most lines are wider it is the header that is incomplete.
  const full = wider * 2 > widths.length ? Math.max(usual, ...typicalWidth(widths)) : usual
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
    losses.push(
      `${rowsHave(n)} more cells than ${full}, the first in row ${long + 1}; the extra ones were left out.`,
    )
  }
  return { width, notes, losses }
}

/** The width that at least nine of ten lines do not exceed: one broken line does not widen the table. */
function typicalWidth(widths: readonly number[]): number[] {
  const sorted = widths.toSorted((a, b) => a - b)
  return sorted.length === 0 ? [] : [percentile(sorted, 0.9, 'lower')]
}

/** Cells without empty ones at the end, which only come from trailing delimiters. */
function filledWidth(row: readonly string[]): number {
  let width = row.length
  while (width > 0 && row[width - 1]!.trim() === '') width--
  return width
}

function cellOf(row: readonly string[], i: number): string | null {
  const cell = row[i] ?? null
  return cell !== null && isTooLong(cell) ? cell.slice(0, INGEST_LIMITS.cellCharacters).toWellFormed() : cell
}

function isTooLong(cell: string): boolean {
  return cell.length > INGEST_LIMITS.cellCharacters
}

function lines(count: number): string {
  return count === 1 ? '1 line was' : `${count} lines were`
}

function rowsHave(count: number): string {
  return count === 1 ? '1 row has' : `${count} rows have`
}
