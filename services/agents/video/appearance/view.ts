/**
 * What a camera is looking at, in a few bytes: how strong edges are in each cell of a coarse grid, 4 bits each, two cells a byte. Edges and
 * not brightness, so that night, fog and lamps change little, and a turn of the camera changes nearly all.
 */
export const VIEW = { version: '1', columns: 24, rows: 14, levels: 15 } as const
export const VIEW_CELLS = VIEW.columns * VIEW.rows

/** As it travels: the version and the cells in base64url. */
export function encodeView(cells: Uint8Array): string {
  const bytes = new Uint8Array(VIEW_CELLS / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (cells[2 * i]! << 4) | cells[2 * i + 1]!
  return VIEW.version + Buffer.from(bytes).toString('base64url')
}

/** Undefined for a version that is not known here, or a text that is none. Pure. */
export function decodeView(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text[0] !== VIEW.version) return undefined
  const bytes = Buffer.from(text.slice(1), 'base64url')
  if (bytes.length !== VIEW_CELLS / 2) return undefined
  const cells = new Uint8Array(VIEW_CELLS)
  for (let i = 0; i < bytes.length; i++) {
    cells[2 * i] = bytes[i]! >> 4
    cells[2 * i + 1] = bytes[i]! & 15
  }
  return cells
}

/** With less to see than this (standard deviation of the cells) nothing can be recognised: thick fog, darkness, a covered lens. */
const MIN_TEXTURE = 1.2

/** With less than this share of the edges that there were, what is left is noise. */
const FADED = 0.65

/**
 * How alike a picture is to a known view: their correlation, 1 for the same, about 0 for two that have nothing in common; a cell to each
 * side is looked for, too: masts sway. Undefined when there is too little to see in the picture. Pure.
 */
export function viewSimilarity(a: Uint8Array, b: Uint8Array): number | undefined {
  if (texture(b) < MIN_TEXTURE) return undefined
  if (texture(a) < MIN_TEXTURE) return 0
  let best = -1
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) best = Math.max(best, correlation(a, b, dx, dy))
  return best
}

/** Whether a picture has lost what the view had: fog, darkness, a lens that is covered. Pure. */
export function isFaded(view: Uint8Array, picture: Uint8Array): boolean {
  return sum(picture) < FADED * sum(view)
}

function sum(cells: Uint8Array): number {
  return cells.reduce((total, cell) => total + cell, 0)
}

function texture(cells: Uint8Array): number {
  let [sum, squares] = [0, 0]
  for (const cell of cells) {
    sum += cell
    squares += cell * cell
  }
  const mean = sum / cells.length
  return Math.sqrt(Math.max(0, squares / cells.length - mean * mean))
}

/** Pearson's, of the part that both have when `b` is moved by so many cells. */
function correlation(a: Uint8Array, b: Uint8Array, dx: number, dy: number): number {
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0]
  for (let y = Math.max(0, -dy); y < Math.min(VIEW.rows, VIEW.rows - dy); y++)
    for (let x = Math.max(0, -dx); x < Math.min(VIEW.columns, VIEW.columns - dx); x++) {
      const one = a[y * VIEW.columns + x]!
      const other = b[(y + dy) * VIEW.columns + x + dx]!
      n++
      sumA += one
      sumB += other
      sumAA += one * one
      sumBB += other * other
      sumAB += one * other
    }
  const variance = (sumAA - (sumA * sumA) / n) * (sumBB - (sumB * sumB) / n)
  return variance <= 0 ? 0 : (sumAB - (sumA * sumB) / n) / Math.sqrt(variance)
}
