/** Decoded pixels: 8-bit sRGB with alpha, four bytes a pixel, row by row. */
export interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** One value of luma (0–255) a pixel, row by row. */
export interface LumaPlane {
  readonly values: Float32Array
  readonly width: number
  readonly height: number
}

/** Luma by the weights of Rec. 709; what is transparent stands on white, as a page would show it. */
export function lumaOf(pixels: Pixels): LumaPlane {
  const { data, width, height } = pixels
  const values = new Float32Array(width * height)
  for (let at = 0; at < values.length; at++) {
    const red = data[at * 4]!
    const green = data[at * 4 + 1]!
    const blue = data[at * 4 + 2]!
    const alpha = data[at * 4 + 3]! / 255
    values[at] = (0.2126 * red + 0.7152 * green + 0.0722 * blue) * alpha + 255 * (1 - alpha)
  }
  return { values, width, height }
}

/** Arithmetic mean and (population) variance in one pass. */
export function meanAndVariance(values: Iterable<number>): { mean: number; variance: number } {
  let count = 0
  let mean = 0
  let squares = 0
  for (const value of values) {
    count++
    const delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
  }
  return { mean, variance: count === 0 ? 0 : squares / count }
}

/**
 * Variance of the Laplacian: edges make it large, blur makes it small. It depends on the size of the image, so callers
 * bring all images to the same width first. 0 for images too small to have an inside.
 */
export function laplacianVariance(luma: LumaPlane): number {
  return meanAndVariance(laplacian(luma)).variance
}

function* laplacian({ values, width, height }: LumaPlane): Generator<number> {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      yield values[at - 1]! + values[at + 1]! + values[at - width]! + values[at + width]! - 4 * values[at]!
    }
  }
}

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
