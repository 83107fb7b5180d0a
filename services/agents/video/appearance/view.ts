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
 * How much of the likeness is that of cells within their row. Streets are alike from any side: houses above, a road below; what is where along
 * the horizon is of one view alone. The rest goes by the whole, which rain and noise leave more of.
 */
const WITHIN_ROWS = 0.7

/**
 * How alike a picture is to a known view: their correlation, 1 for the same, about 0 for two that have nothing in common; a cell to each
 * side is looked for, too: masts sway. Undefined when there is too little to see in the picture. Pure.
 */
export function viewSimilarity(a: Uint8Array, b: Uint8Array): number | undefined {
  if (texture(b) < MIN_TEXTURE) return undefined
  if (texture(a) < MIN_TEXTURE) return 0
  let best = -1
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) best = Math.max(best, likeness(a, b, dx, dy))
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

/** Of the part that both have when `b` is moved by so many cells. */
function likeness(a: Uint8Array, b: Uint8Array, dx: number, dy: number): number {
  const whole = noSums()
  const within = noSums()
  for (let y = Math.max(0, -dy); y < Math.min(VIEW.rows, VIEW.rows - dy); y++) {
    const row = noSums()
    for (let x = Math.max(0, -dx); x < Math.min(VIEW.columns, VIEW.columns - dx); x++)
      add(row, a[y * VIEW.columns + x]!, b[(y + dy) * VIEW.columns + x + dx]!)
    for (const key of KEYS) whole[key] += row[key]
    const about = deviations(row)
    within.aa += about.aa
    within.bb += about.bb
    within.ab += about.ab
  }
  return WITHIN_ROWS * correlation(within) + (1 - WITHIN_ROWS) * correlation(deviations(whole))
}

interface Deviations {
  aa: number
  bb: number
  ab: number
}
interface Sums extends Deviations {
  n: number
  a: number
  b: number
}
const KEYS = ['n', 'a', 'b', 'aa', 'bb', 'ab'] as const
const noSums = (): Sums => ({ n: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 })

function add(sums: Sums, a: number, b: number): void {
  sums.n++
  sums.a += a
  sums.b += b
  sums.aa += a * a
  sums.bb += b * b
  sums.ab += a * b
}

/** Sums of products of deviations from the mean. */
function deviations({ n, a, b, aa, bb, ab }: Sums): Deviations {
  return { aa: aa - (a * a) / n, bb: bb - (b * b) / n, ab: ab - (a * b) / n }
}

/** Pearson's. */
function correlation({ aa, bb, ab }: Deviations): number {
  return aa <= 0 || bb <= 0 ? 0 : ab / Math.sqrt(aa * bb)
}
