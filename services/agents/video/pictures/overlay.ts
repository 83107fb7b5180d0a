import sharp from 'sharp'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { OverlayScene } from './overlay-scene.ts'
import { overlaySvg } from './overlay-svg.ts'
import type { JpegPicture, RawPicture, RgbPicture } from './picture.ts'
import { toRgb } from './raw-to-rgb.ts'

/** Frames are decoded at 4096 × 4096 at most; whatever claims to be more is none of ours. */
const MAX_PIXELS = 4096 * 4096

/**
 * The picture with the scene drawn into it.
 * @throws MurmurError INVALID_REQUEST when the pixels are not as many as its size says; BROKEN_FILE when the JPEG is none
 */
export async function drawOverlay(
  picture: RawPicture | JpegPicture,
  scene: OverlayScene,
): Promise<RgbPicture> {
  const { width, height, rgb } = 'jpeg' in picture ? await decodeJpeg(picture.jpeg) : toRgb(picture)
  const drawing = Buffer.from(overlaySvg({ width, height }, scene))
  const drawn = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .composite([{ input: drawing }])
    .removeAlpha()
    .raw()
    .toBuffer()
  return { width, height, rgb: drawn }
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
