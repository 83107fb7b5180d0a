import { MurmurError } from '#platform/errors/murmur-error.ts'

/** Pixels as red, green, blue, one byte each, row by row. */
export interface RgbPicture {
  width: number
  height: number
  rgb: Uint8Array
}

/**
 * What ffmpeg calls yuv420p, limited range: a plane of luma, then two planes of chroma with half of the width and of the
 * height, rounded up.
 */
export interface YuvPicture {
  width: number
  height: number
  yuv420p: Uint8Array
}

/** What ffmpeg calls gbrp, as frames travel: a plane of green, one of blue, one of red. */
export interface PlanarPicture {
  width: number
  height: number
  gbrp: Uint8Array
}

/** A JPEG that one of our own services made. */
export interface JpegPicture {
  jpeg: Uint8Array
}

/** Pictures that carry their pixels. */
export type RawPicture = RgbPicture | YuvPicture | PlanarPicture

/** BT.601 in fixed point, 16 binary digits: luma takes 16 to 235 of a byte, chroma 16 to 240. */
const LUMA = Math.round((255 / 219) * 65_536)
const RED_OF_V = Math.round(1.402 * (255 / 224) * 65_536)
const GREEN_OF_U = Math.round(0.344136 * (255 / 224) * 65_536)
const GREEN_OF_V = Math.round(0.714136 * (255 / 224) * 65_536)
const BLUE_OF_U = Math.round(1.772 * (255 / 224) * 65_536)
const HALF = 32_768

/**
 * Any raw picture as RGB; one that is RGB already comes back as it is.
 * @throws MurmurError INVALID_REQUEST when there are not as many bytes as the size needs
 */
export function toRgb(picture: RawPicture): RgbPicture {
  if ('yuv420p' in picture) return yuvToRgb(picture)
  if ('gbrp' in picture) return planarToRgb(picture)
  assertBytes(picture, picture.rgb, picture.width * picture.height * 3)
  return picture
}

/**
 * From BT.601 limited range, as cameras and ffmpeg's yuv420p have it; each pair of chroma counts for 2 × 2 pixels.
 * @throws MurmurError INVALID_REQUEST when there are not as many bytes as the size needs
 */
export function yuvToRgb(picture: YuvPicture): RgbPicture {
  const { width, height, yuv420p } = picture
  const chromaWidth = (width + 1) >> 1
  const chromaBytes = chromaWidth * ((height + 1) >> 1)
  assertBytes(picture, yuv420p, width * height + 2 * chromaBytes)
  const rgb = new Uint8Array(width * height * 3)
  // The same bytes; what is written here stops at 0 and 255 by itself.
  const bytes = new Uint8ClampedArray(rgb.buffer)
  const uStart = width * height
  const vStart = uStart + chromaBytes
  let from = 0
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = (y >> 1) * chromaWidth
    for (let x = 0; x < width; x++) {
      const chroma = row + (x >> 1)
      const luma = (yuv420p[from++]! - 16) * LUMA + HALF
      const u = yuv420p[uStart + chroma]! - 128
      const v = yuv420p[vStart + chroma]! - 128
      bytes[to] = (luma + v * RED_OF_V) >> 16
      bytes[to + 1] = (luma - u * GREEN_OF_U - v * GREEN_OF_V) >> 16
      bytes[to + 2] = (luma + u * BLUE_OF_U) >> 16
      to += 3
    }
  }
  return { width, height, rgb }
}

/**
 * From planes of green, blue and red.
 * @throws MurmurError INVALID_REQUEST when there are not as many bytes as the size needs
 */
export function planarToRgb(picture: PlanarPicture): RgbPicture {
  const { width, height, gbrp } = picture
  const pixels = width * height
  assertBytes(picture, gbrp, pixels * 3)
  const rgb = new Uint8Array(pixels * 3)
  for (let i = 0, to = 0; i < pixels; i++, to += 3) {
    rgb[to] = gbrp[2 * pixels + i]!
    rgb[to + 1] = gbrp[i]!
    rgb[to + 2] = gbrp[pixels + i]!
  }
  return { width, height, rgb }
}

function assertBytes(size: { width: number; height: number }, bytes: Uint8Array, wanted: number): void {
  const { width, height } = size
  if (
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    width > 0 &&
    height > 0 &&
    bytes.length === wanted
  )
    return
  throw new MurmurError(
    'INVALID_REQUEST',
    `a picture of ${width} × ${height} pixels needs ${wanted} bytes, it has ${bytes.length}`,
  )
}
