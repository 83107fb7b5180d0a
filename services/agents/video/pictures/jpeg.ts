import sharp from 'sharp'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { type RawPicture, type RgbPicture, toRgb } from './picture.ts'

/** Frames are decoded at 4096 × 4096 at most; what claims to be larger is not ours. */
const MAX_PIXELS = 4096 * 4096

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

/**
 * The pixels of a JPEG that one of our own services made.
 * @throws MurmurError BROKEN_FILE when it is none, is damaged or too large
 */
export async function decodeJpeg(jpeg: Uint8Array): Promise<RgbPicture> {
  // Other formats never reach their decoders: what comes over the network may be anything.
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new MurmurError('BROKEN_FILE', 'the picture is no JPEG')
  try {
    const { data, info } = await sharp(jpeg, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, rgb: data }
  } catch (cause) {
    throw new MurmurError('BROKEN_FILE', `the JPEG can't be read: ${messageOf(cause)}`, { cause })
  }
}
