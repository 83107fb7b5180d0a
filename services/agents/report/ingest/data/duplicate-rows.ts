import type { RawCell } from './missing-marks.ts'

/** A column that tells rows apart: so many of its values differ among rows that differ. */
const MIN_DISTINCT = 0.5
const MIN_ROWS = 10

/**
 * How many rows repeat an earlier one in every cell. None where no column tells rows apart: answers on a few steps come again by
 * chance. Pure.
 */
export function duplicateRows(columns: readonly { cells: readonly RawCell[] }[], rows: number): number {
  if (rows < MIN_ROWS || columns.length < 2) return 0
  const seen = new Set<string>()
  for (let row = 0; row < rows; row++)
    seen.add(JSON.stringify(columns.map(({ cells }) => cells[row] ?? null)))
  const copies = rows - seen.size
  if (copies === 0) return 0
  const tellsApart = columns.some(({ cells }) => new Set(cells).size >= MIN_DISTINCT * seen.size)
  return tellsApart ? copies : 0
}
