import { MurmurError } from '#platform/errors/murmur-error.ts'
import { columnNames } from '../data/build-table.ts'
import { splitHeader } from '../data/csv/header-rows.ts'
import { readRows } from '../data/csv/read-rows.ts'
import { type CsvDialect, sniffDialect } from '../data/csv/sniff-dialect.ts'
import { countsRows, filledWidth, fullWidth, isComment, withRowNames } from '../data/csv/table-width.ts'
import { mendTornNumbers } from '../data/csv/torn-numbers.ts'
import { INGEST_LIMITS } from '../limits.ts'
import type { RawRelationColumn } from './raw-relation.ts'

/** What the beginning of a delimited file tells about the rest. */
export interface CsvHead {
  dialect: CsvDialect
  columns: RawRelationColumn[]
  /** The names as they stand in the file; none where it has none. */
  header: readonly string[]
  /** Lines of the file above the first row of values, whatever they hold. */
  linesAbove: number
  /** There are more columns than are read. */
  isCut: boolean
  notes: string[]
  losses: string[]
  /** Cells from this column on may stand in wrong columns in rows that are too long: numbers with commas that are not in quotes. */
  tornFrom?: number | undefined
  /** Such numbers were put together in the beginning: how the rest is mended. */
  mending?: { width: number; countsRows: boolean } | undefined
}

/** Rows that tell the width of the table. */
const HEAD_ROWS = 2_000

/**
 * Delimiter, quotes, names of the columns and the line where the values begin. Pure.
 *
 * @param given the beginning of the file, decoded, line ends as \n, cut after a line
 * @throws MurmurError BROKEN_FILE when there is no row, or no column that can be used
 */
export function readCsvHead(given: string): CsvHead {
  const sniffed = sniffDialect(given)
  const whole = closedText(given, sniffed.quote)
  // Rows of torn numbers are too wide to tell names and columns; lines stay lines.
  const torn = mendTornNumbers(whole)
  // Without a column that can be used the rows would be read as wider ones, which nobody wrote.
  if (torn.tornFrom === 0 && torn.setAside.length > 0)
    throw new MurmurError('BROKEN_FILE', torn.losses[0] ?? 'no column can be used')
  const { text } = torn
  const dialect = text === whole ? sniffed : sniffDialect(text)
  const { rows } = readRows(text.slice(dialect.start), { ...dialect, maxRows: HEAD_ROWS })
  if (rows.length === 0) throw new MurmurError('BROKEN_FILE', 'the file has no rows')
  const split = splitHeader(rows.filter((row) => !isComment(row)))
  // Cells of torn numbers are no names of rows, and no columns.
  const isTorn = torn.tornFrom !== undefined && split.header.length > 0
  const header = isTorn ? split.header : withRowNames(split.header, split.body)
  const full = isTorn ? header.length : fullWidth(header, split.body.map(filledWidth))
  const width = Math.min(full, INGEST_LIMITS.tableColumns)
  const index = header.length > 0 && countsRows(header, split.body)
  const names = columnNames(
    Array.from({ length: width }, (_, i) => (i === 0 && index ? index : (header[i] ?? ''))),
  )
  const linesAbove = lineOfFirstRow(text, dialect, split.body[0] ?? [])
  const linesOfHeader = split.header.length > 0 ? 1 : 0
  const skipped = dialect.above.length + split.above.length
  return {
    dialect,
    columns: names.map((name, i) => ({
      name,
      ...(split.units[i] !== undefined && { unit: split.units[i] }),
    })),
    header: split.header.slice(0, width),
    linesAbove: Math.max(linesAbove, linesOfHeader),
    notes: [
      ...(skipped > 0 ? [`${skipped === 1 ? '1 line' : `${skipped} lines`} above the table left out.`] : []),
      ...(split.header.length === 0 ? ['The first row holds values, so the columns have no names.'] : []),
    ],
    isCut: full > width,
    losses: [
      ...(full > width ? [`Only the first ${width} of ${full} columns were read.`] : []),
      // What was to be mended is set aside or emptied, which is told when all rows were counted.
      ...(isTorn ? [] : torn.losses),
    ],
    ...(isTorn && torn.tornFrom! < width && { tornFrom: torn.tornFrom }),
    ...(isTorn && torn.isProven && { mending: { width: full, countsRows: torn.countsRows ?? false } }),
  }
}

/** Without the lines of a cell at the end that goes on beyond it. */
function closedText(text: string, quote: string): string {
  let quotes = text.split(quote).length - 1
  let end = text.length
  while (quotes % 2 === 1) {
    const start = text.lastIndexOf('\n', end - 2) + 1
    if (start === 0) return text
    quotes -= text.slice(start, end).split(quote).length - 1
    end = start
  }
  return text.slice(0, end)
}

/** The number of lines above the one that the first row begins in. */
function lineOfFirstRow(text: string, dialect: CsvDialect, first: readonly string[]): number {
  let line = 0
  for (let at = 0; at < dialect.start; line++) at = text.indexOf('\n', at) + 1
  let start = dialect.start
  for (;;) {
    const [row = []] = readRows(text.slice(start, start + 64 * 1024), { ...dialect, maxRows: 1 }).rows
    const isHere = text.slice(start, start + 1) !== '\n' && row.join('\n') === first.join('\n')
    const end = text.indexOf('\n', start)
    if (isHere || end < 0) return line
    start = end + 1
    line++
  }
}
