import type { RawCell } from '../infer-column.ts'

const BIG_INTEGER = /^-?[1-9]\d{15,}$/

/**
 * The cells of a column in which whole numbers beyond 2^53 came as their digits: all its numbers are written out then,
 * because they are identifiers. Other columns as they are. Pure.
 */
export function withExactIntegers(cells: RawCell[]): RawCell[] {
  if (!cells.some((cell) => typeof cell === 'string' && BIG_INTEGER.test(cell))) return cells
  return cells.map((cell) => (typeof cell === 'number' ? writtenOut(cell) : cell))
}

function writtenOut(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value)
}
