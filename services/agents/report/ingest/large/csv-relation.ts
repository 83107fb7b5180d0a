import { type CsvHead, readCsvHead } from './csv-head.ts'
import { quoted } from './query-engine.ts'
import { type RawRelation, rawName } from './raw-relation.ts'

/** Cells beyond the last column that are looked for. */
const BEYOND = 2
const MAX_LINE_BYTES = 1_000_000

/**
 * A delimited file of UTF-8 as SQL. Lines that cannot be split are left out and listed in `reject_errors`. Pure.
 *
 * @param head the beginning of the file, cut after a line
 * @throws MurmurError BROKEN_FILE when it has no rows
 */
export function csvRelation({ path, head }: { path: string; head: string }): RawRelation & { head: CsvHead } {
  const read = readCsvHead(head)
  const { columns, dialect, linesAbove, notes, losses } = read
  const beyond =
    losses.length > 0 ? [] : Array.from({ length: BEYOND }, (_, i) => rawName(columns.length + i))
  const names = [...columns.map((_, i) => rawName(i)), ...beyond]
  const options = {
    auto_detect: 'false',
    header: 'false',
    columns: `{${names.map((name) => `${name}: 'VARCHAR'`).join(', ')}}`,
    delim: quoted(dialect.delimiter),
    quote: quoted(head.includes(dialect.quote) || dialect.quote === '"' ? dialect.quote : ''),
    escape: quoted(dialect.escapeMark),
    skip: String(linesAbove),
    null_padding: 'true',
    strict_mode: 'false',
    ignore_errors: 'true',
    store_rejects: 'true',
    max_line_size: String(MAX_LINE_BYTES),
    buffer_size: String(8 * MAX_LINE_BYTES),
  }
  const settings = Object.entries(options).map(([name, value]) => `${name} = ${value}`)
  return {
    sql: `SELECT * FROM read_csv(${quoted(path)}, ${settings.join(', ')})`,
    columns,
    // In files with semicolons the comma is free to be the decimal sign; without any comma, points are no thousands.
    decimal: dialect.delimiter === ';' && head.includes(',') ? ',' : '.',
    notes,
    losses,
    beyond,
    isDelimited: true,
    head: read,
  }
}
