import type { RawCell } from './missing-marks.ts'

const MIN_ROWS = 10
/** Copies are told when pairs of equal rows are so many times as frequent as chance would have them. */
const MIN_TIMES_CHANCE = 5

/**
 * How many rows repeat an earlier one in every cell. None where rows agree by chance, as answers on a few steps do: pairs of equal rows
 * must be far more frequent than the frequencies of the single values let expect. Pure; linear in the cells.
 */
export function duplicateRows(columns: readonly { cells: readonly RawCell[] }[], rows: number): number {
  if (rows < MIN_ROWS || columns.length < 2) return 0
  let groups = new Int32Array(rows)
  let size = 1
  let chance = 1
  for (const { cells } of columns) {
    const { codes, counts } = encode(cells, rows)
    chance *= counts.reduce((sum, count) => sum + (count / rows) ** 2, 0)
    const seen = new Map<number, number>()
    const refined = new Int32Array(rows)
    for (let row = 0; row < rows; row++) {
      const key = groups[row]! * counts.length + codes[row]!
      const known = seen.get(key)
      refined[row] = known ?? seen.size
      if (known === undefined) seen.set(key, seen.size)
    }
    groups = refined
    size = seen.size
    if (size === rows) return 0
  }
  const equal = new Int32Array(size)
  for (const group of groups) equal[group]!++
  const pairs = equal.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0)
  return pairs > MIN_TIMES_CHANCE * chance * ((rows * (rows - 1)) / 2) ? rows - size : 0
}

function encode(cells: readonly RawCell[], rows: number): { codes: Int32Array; counts: number[] } {
  const known = new Map<RawCell, number>()
  const counts: number[] = []
  const codes = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const cell = cells[row] ?? null
    let code = known.get(cell)
    if (code === undefined) {
      code = known.size
      known.set(cell, code)
      counts.push(0)
    }
    counts[code]!++
    codes[row] = code
  }
  return { codes, counts }
}
