import { CsvError } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import type { CsvQuoting } from './quote-style.ts'
import { quotedRows } from './quoted-rows.ts'

export interface CsvRows {
  rows: string[][]
  /** There were more rows than asked for. */
  more: boolean
  notes: string[]
  losses: string[]
}

/**
 * Splits CSV text into cells, at most `maxRows` rows; blank lines are left out, or kept as rows of one empty cell. Quotes that never close are
 * taken literally, but for one in which the text ends.
 */
export function readRows(
  text: string,
  {
    delimiter,
    maxRows,
    quote = '"',
    escapeMark = quote,
    isSpaced = false,
    keepsBlank = false,
  }: { delimiter: string; maxRows: number; keepsBlank?: boolean } & Partial<CsvQuoting>,
): CsvRows {
  if (!text.includes(quote)) return splitRows(text, { delimiter, maxRows, keepsBlank })
  const isUsual =
    quote.length === 1 && delimiter.length === 1 && escapeMark === quote && !isSpaced && !keepsBlank
  const usual = isUsual ? quotedRows(text, { delimiter, quote, maxRows: maxRows + 1 }) : undefined
  if (usual) return { rows: usual.slice(0, maxRows), more: usual.length > maxRows, notes: [], losses: [] }
  const parsed = (part: string) =>
    parse(part, {
      delimiter,
      quote,
      escape: escapeMark,
      ltrim: isSpaced,
      to: maxRows + 1,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: !keepsBlank,
      record_delimiter: '\n',
    })
  try {
    const rows = parsed(text)
    return { rows: rows.slice(0, maxRows), more: rows.length > maxRows, notes: [], losses: [] }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const cut = withoutCutEnd(text, parsed)
    if (cut) return { ...cut, more: false, notes: [], losses: [CUT_IN_QUOTE] }
    const split = splitRows(text, { delimiter, maxRows, keepsBlank })
    return { ...split, notes: ['A quote is never closed; quotes were read as ordinary characters.'] }
  }
}

const CUT_IN_QUOTE =
  'The file ends inside a quoted cell: it may be cut off there, and the last row was left out.'
/** A cell that was cut may have line ends of its own. */
const MAX_CUT_LINES = 5
/** In a few rows the quote may as well be a character. */
const MIN_ROWS_BEFORE_CUT = 10

/** The rows before the last lines, where those alone are what cannot be read. */
function withoutCutEnd(text: string, parsed: (part: string) => string[][]): { rows: string[][] } | undefined {
  let end = text.trimEnd().length
  for (let cut = 0; cut < MAX_CUT_LINES; cut++) {
    end = text.lastIndexOf('\n', end - 1)
    if (end <= 0) return undefined
    try {
      const rows = parsed(text.slice(0, end))
      return rows.length >= MIN_ROWS_BEFORE_CUT ? { rows } : undefined
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
    }
  }
  return undefined
}

/** Without quotes every delimiter and every line end counts: this is five times as fast as the general parser. */
function splitRows(
  text: string,
  { delimiter, maxRows, keepsBlank }: { delimiter: string; maxRows: number; keepsBlank: boolean },
): CsvRows {
  const rows: string[][] = []
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    const line = text.slice(start, end)
    start = end + 1
    if (line.trim() === '' && !keepsBlank) continue
    if (rows.length === maxRows) return { rows, more: true, notes: [], losses: [] }
    rows.push(line.split(delimiter))
  }
  return { rows, more: false, notes: [], losses: [] }
}
