/** Where the picture lies in a plane of bytes. Pixels. */
export interface PlaneLayout {
  /** Bytes from one row to the next: the border at the right included. */
  stride: number
  width: number
  height: number
}

/** A picture made coarse: mean brightness of squares, row by row. */
export interface CellGrid {
  columns: number
  rows: number
}

/** Edge of a square in pixels: a person whom a network can just see is three or four of them high. A word of memory, too. */
export const CELL_EDGE = 4
const SHARE = 1 / (CELL_EDGE * CELL_EDGE)
const EVEN_BYTES = 0x00ff00ff

/** The grid of a picture; what is left over at the right and the bottom is less than a square and is not looked at. Pure. */
export function gridOf({ width, height }: Pick<PlaneLayout, 'width' | 'height'>): CellGrid {
  return { columns: Math.floor(width / CELL_EDGE), rows: Math.floor(height / CELL_EDGE) }
}

/**
 * The mean of every square, 0 to 255, into `cells`. A mean of sixteen pixels has a quarter of their noise; and what comes after
 * works on a sixteenth of the numbers.
 */
export function measureCells(
  plane: Uint8Array,
  { stride }: Pick<PlaneLayout, 'stride'>,
  grid: CellGrid,
  cells: Float32Array,
): void {
  if (stride % CELL_EDGE === 0 && plane.byteOffset % CELL_EDGE === 0) measureWords(plane, stride, grid, cells)
  else measureBytes(plane, stride, grid, cells)
}

/** Four pixels at a time: their sums stay within the two halves of a word. Four times as fast as one by one. */
function measureWords(plane: Uint8Array, stride: number, grid: CellGrid, cells: Float32Array): void {
  const words = new Uint32Array(plane.buffer, plane.byteOffset, Math.floor(plane.length / CELL_EDGE))
  const line = stride / CELL_EDGE
  for (let row = 0, cell = 0; row < grid.rows; row++) {
    for (let at = row * CELL_EDGE * line, end = at + grid.columns; at < end; at++, cell++) {
      const a = words[at]!
      const b = words[at + line]!
      const c = words[at + 2 * line]!
      const d = words[at + 3 * line]!
      const even = (a & EVEN_BYTES) + (b & EVEN_BYTES) + (c & EVEN_BYTES) + (d & EVEN_BYTES)
      const odd =
        ((a >>> 8) & EVEN_BYTES) +
        ((b >>> 8) & EVEN_BYTES) +
        ((c >>> 8) & EVEN_BYTES) +
        ((d >>> 8) & EVEN_BYTES)
      const sum = even + odd
      cells[cell] = ((sum & 0xffff) + (sum >>> 16)) * SHARE
    }
  }
}

function measureBytes(plane: Uint8Array, stride: number, grid: CellGrid, cells: Float32Array): void {
  for (let row = 0, cell = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++, cell++) {
      const corner = row * CELL_EDGE * stride + column * CELL_EDGE
      let sum = 0
      for (let y = 0, from = corner; y < CELL_EDGE; y++, from += stride)
        for (let at = from; at < from + CELL_EDGE; at++) sum += plane[at]!
      cells[cell] = sum * SHARE
    }
  }
}
