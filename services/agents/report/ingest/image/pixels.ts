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
