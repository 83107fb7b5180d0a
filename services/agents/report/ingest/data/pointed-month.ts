import { monthFormat, type TemporalFormat } from './temporal-cell.ts'

const YEAR = '(?<year>18\\d{2}|19\\d{2}|20\\d{2}|21\\d{2}|2200)'
const MONTH = '(?<month>0?[1-9]|1[0-2])'
const MONTH_FIRST = monthFormat('MM.YYYY', `${MONTH}\\.${YEAR}`)
const YEAR_FIRST = monthFormat('YYYY.MM', `${YEAR}\\.${MONTH}`)
/** Where a number keeps no last zero, `2023.1` stands for October. */
const YEAR_FIRST_NUMBERS: TemporalFormat = {
  ...YEAR_FIRST,
  parse: (cell) => YEAR_FIRST.parse(withZero(cell)),
  read: (cell) => YEAR_FIRST.read(withZero(cell)),
}

function withZero(cell: string): string {
  return /\.1$/.test(cell) ? `${cell}0` : cell
}

/** Names under which numbers of such a shape are months. */
const MONTH_NAME =
  /(?:^|[\s_-])(?:months?|monat|monate|period|periode|periodo|période|ym|yearmonth|date|datum|fecha|data|mois|mes|mese|time|zeit)(?:$|[\s_-])|(?:Month|Date|Period)$|^(?:yyyy-?mm|mm-?yyyy)$/i
/** A number has no 0 in front, and one of a version or a year with a decimal no month below ten with two digits. */
const PADDED_FIRST = /^0/
const PADDED_LAST = /\.0[1-9]$/
const MIN_CELLS = 3
const MONTHS_A_YEAR = 12

/**
 * How months such as `07.2023`, `7.2023` or `2023.07` are read, which are numbers by their shape; undefined where one cell is none, or where
 * they may be prices or rates: months lie close together, and more than one occurs. Pure.
 *
 * @param texts all that is written in a column
 */
export function pointedMonths(name: string, texts: readonly string[]): TemporalFormat | undefined {
  if (texts.length < MIN_CELLS) return undefined
  // `2023.01` beside `2023.1` are January and October, as numbers are written; with `2023.10` as well it is not known what the last is.
  const isOfNumbers = texts.some((cell) => PADDED_LAST.test(cell)) && texts.some((cell) => /\.1$/.test(cell))
  if (isOfNumbers && texts.some((cell) => /\.(?:10|[2-9])$/.test(cell))) return undefined
  const format = [MONTH_FIRST, isOfNumbers ? YEAR_FIRST_NUMBERS : YEAR_FIRST].find(({ parse }) =>
    texts.every((cell) => parse(cell) !== undefined),
  )
  if (!format) return undefined
  const months = new Set(texts.map((cell) => monthNumber(format.parse(cell)!)))
  const named = MONTH_NAME.test(name)
  if (format === MONTH_FIRST)
    return named || texts.some((cell) => PADDED_FIRST.test(cell)) || areClose(months) ? format : undefined
  const isPadded = texts.every((cell) => /\.\d\d$/.test(cell)) && texts.some((cell) => PADDED_LAST.test(cell))
  const hasLate = texts.some((cell) => /\.1[0-2]$/.test(cell)) && texts.some((cell) => /\.[2-9]$/.test(cell))
  return named || ((isPadded || hasLate) && areClose(months)) ? format : undefined
}

function monthNumber(ms: number): number {
  const date = new Date(ms)
  return date.getUTCFullYear() * MONTHS_A_YEAR + date.getUTCMonth()
}

/** One a year at least on average, and not always the same month of the year. */
function areClose(months: ReadonlySet<number>): boolean {
  const sorted = [...months].sort((a, b) => a - b)
  const span = sorted.at(-1)! - sorted[0]!
  const differ = new Set(sorted.map((month) => month % MONTHS_A_YEAR)).size > 1
  return sorted.length >= MIN_CELLS && differ && span <= MONTHS_A_YEAR * (sorted.length - 1)
}
