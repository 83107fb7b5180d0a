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
