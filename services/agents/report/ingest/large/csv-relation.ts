import { type CsvHead, readCsvHead } from './csv-head.ts'
import type { CsvQuotes } from './csv-quotes.ts'
import { quoted } from './query-engine.ts'
import { type RawRelation, rawName } from './raw-relation.ts'

/** Cells beyond the last column that are looked for. */
const BEYOND = 2
const MAX_LINE_BYTES = 1_000_000
const OPEN_QUOTE = 'A quote is never closed; quotes were read as ordinary characters.'

export interface CsvText {
  path: string
  /** The beginning of the file, cut after a line. */
  head: string
  /** Of the whole file. */
  quotes: CsvQuotes
}

export interface CsvRelation extends RawRelation {
  head: CsvHead
  /** The same for another file of such lines. */
  sqlOf(path: string, skip: number): string
}

/**
 * A delimited file of UTF-8 as SQL. Lines that cannot be split are left out and listed in `reject_errors`. Pure.
 *
 * @throws MurmurError BROKEN_FILE when it has no rows
 */
export function csvRelation({ path, head, quotes }: CsvText): CsvRelation {
  const read = readCsvHead(head)
  const { columns, dialect, linesAbove, notes, losses } = read
  const beyond = read.isCut ? [] : Array.from({ length: BEYOND }, (_, i) => rawName(columns.length + i))
  const names = [...columns.map((_, i) => rawName(i)), ...beyond]
  const options = {
    auto_detect: 'false',
    header: 'false',
    columns: `{${names.map((name) => `${name}: 'VARCHAR'`).join(', ')}}`,
    delim: quoted(dialect.delimiter),
    quote: quoted(quotes.isOpen ? '' : dialect.quote),
    // An empty text in quotes is a cell, so that a row of one column is none that is blank.
    allow_quoted_nulls: 'false',
    escape: quoted(quotes.isOpen ? '' : dialect.escapeMark),
    null_padding: 'true',
    // Cells over several lines and short rows are together read by one thread only.
    parallel: String(!quotes.spanLines),
    strict_mode: 'false',
    ignore_errors: 'true',
    store_rejects: 'true',
    max_line_size: String(MAX_LINE_BYTES),
    buffer_size: String(4 * MAX_LINE_BYTES),
  }
  const settings = Object.entries(options).map(([name, value]) => `${name} = ${value}`)
  const sqlOf = (file: string, skip: number) =>
    `SELECT * FROM read_csv(${quoted(file)}, skip = ${skip}, ${settings.join(', ')})`
  return {
    sql: sqlOf(path, linesAbove),
    sqlOf,
    columns,
    // In files with semicolons the comma is free to be the decimal sign; without any comma, points are no thousands.
    decimal: dialect.delimiter === ';' && head.includes(',') ? ',' : '.',
    notes: quotes.isOpen ? [...notes, OPEN_QUOTE] : notes,
    losses,
    beyond,
    isRow: isRowSql(read),
    isDelimited: true,
    head: read,
  }
}

/** What begins a line that says something of the table. */
const REMARK =
  '(?i)^(?:(?:sources?|notes?|quellen?|anmerkung(?:en)?|hinweis|remarks?|last updated|data (?:from|source)|generated|exported|copyright|downloaded|fuente|nota)\\b|[*†©#]|https?:)'

/** False for comments, remarks and the names of the columns in a later line. */
function isRowSql({ columns, header }: CsvHead): string {
  if (columns.length < 2) return 'true'
  const first = rawName(0)
  const rest = columns.slice(1).map((_, i) => rawName(i + 1))
  const remark = `regexp_matches(${first}, '${REMARK}') AND coalesce(${rest.join(', ')}) IS NULL`
  const named = header.map(
    (name, i) => `${rawName(i)} IS NOT DISTINCT FROM ${name === '' ? 'NULL' : quoted(name)}`,
  )
  const isAgain = named.length === 0 ? '' : ` OR (${named.join(' AND ')})`
  return `NOT coalesce((${remark})${isAgain}, false)`
}
