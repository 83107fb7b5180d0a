import sharp from 'sharp'
import type { RawPicture } from './picture.ts'
import { toRgb } from './raw-to-rgb.ts'

export interface JpegOptions {
  /** 1 to 100; 82 by default: no artefacts that a person would see, a fifth of what 100 takes. */
  quality?: number
}

/**
 * A raw picture as JPEG.
 * @throws MurmurError INVALID_REQUEST when the pixels are not as many as its size says
 */
export async function encodeJpeg(picture: RawPicture, options: JpegOptions = {}): Promise<Uint8Array> {
  const { width, height, rgb } = toRgb(picture)
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: options.quality ?? 82 })
    .toBuffer()
}
