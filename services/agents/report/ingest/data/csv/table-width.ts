import { percentile } from '#platform/statistics/percentile.ts'

/** Of the rows, so many must have a name that the header lacks. */
const MIN_WIDER = 0.9

/** A line among the rows that begins with `#` and is no full row. Pure. */
export function isComment(row: readonly string[]): boolean {
  return row.length === 1 && /^\s*#/.test(row[0]!)
}

/** Names of rows have no name themselves where a header lacks exactly one cell, as R writes it. */
export function withRowNames(header: readonly string[], body: readonly string[][]): readonly string[] {
  const isWider = (row: readonly string[]) =>
    row.length === header.length + 1 && filledWidth(row) === row.length
  if (header.length === 0 || body.length === 0) return header
  return body.filter(isWider).length >= MIN_WIDER * body.length ? ['', ...header] : header
}

/** The name of a first column without one that counts the rows from 0 or 1. */
export function countsRows(header: readonly string[], rows: readonly string[][]): string | undefined {
  if (header[0]!.trim() !== '' || rows.length < 2) return undefined
  const first = Number(rows[0]![0] || Number.NaN)
  const isCount =
    (first === 0 || first === 1) && rows.every((row, i) => Number(row[0] || Number.NaN) === first + i)
  return isCount ? ['index', 'row'].find((name) => !header.includes(name)) : undefined
}

/**
 * The width of a table: of its header, or of nearly all rows where most are wider, as it is then the header that is incomplete. Pure.
 *
 * @param widths of the rows, see `filledWidth`
 */
export function fullWidth(header: readonly string[], widths: readonly number[]): number {
  const usual = header.length > 0 ? header.length : Math.max(1, ...typicalWidth(widths))
  const wider = widths.filter((width) => width > usual).length
  return wider * 2 > widths.length ? Math.max(usual, ...typicalWidth(widths)) : usual
}

/** The width that at least nine of ten lines do not exceed: one broken line does not widen the table. */
function typicalWidth(widths: readonly number[]): number[] {
  const sorted = widths.toSorted((a, b) => a - b)
  return sorted.length === 0 ? [] : [percentile(sorted, 0.9, 'lower')]
}

/** Cells without empty ones at the end, which only come from trailing delimiters. */
export function filledWidth(row: readonly string[]): number {
  let width = row.length
  while (width > 0 && row[width - 1]!.trim() === '') width--
  return width
}
