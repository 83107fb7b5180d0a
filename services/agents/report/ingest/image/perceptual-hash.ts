import type { LumaPlane } from './pixels.ts'

const COLUMNS = 9
const ROWS = 8

/**
 * 64-bit difference hash as 16 hex digits: the image becomes 9 × 8 grey cells, and each bit says whether a cell is
 * darker than its right neighbour. Scaling, compression and brightness hardly change it.
 */
export function differenceHash(luma: LumaPlane): string {
  let hash = 0n
  for (let row = 0; row < ROWS; row++) {
    const cells = Array.from({ length: COLUMNS }, (_, column) => cellMean(luma, column, row))
    for (let column = 0; column < COLUMNS - 1; column++) {
      hash = (hash << 1n) | (cells[column]! < cells[column + 1]! ? 1n : 0n)
    }
  }
  return hash.toString(16).padStart(16, '0')
}

/** Mean of the pixels of one cell, rounded to whole levels so that noise in flat areas sets no bits. */
function cellMean({ values, width, height }: LumaPlane, column: number, row: number): number {
  const [left, right] = span(column, COLUMNS, width)
  const [top, bottom] = span(row, ROWS, height)
  let sum = 0
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) sum += values[y * width + x]!
  }
  return Math.round(sum / ((right - left) * (bottom - top)))
}

/** Cells of images smaller than the grid share pixels rather than being empty. */
function span(index: number, cells: number, length: number): [from: number, to: number] {
  const from = Math.min(Math.floor((index * length) / cells), length - 1)
  return [from, Math.max(from + 1, Math.floor(((index + 1) * length) / cells))]
}
