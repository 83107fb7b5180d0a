import sharp from 'sharp'
import { decodeJpeg } from './jpeg.ts'
import type { OverlayScene } from './overlay-scene.ts'
import { captionHeight, overlaySvg } from './overlay-svg.ts'
import { type JpegPicture, type RawPicture, type RgbPicture, toRgb } from './picture.ts'

/**
 * The picture with the scene drawn into it; with a caption it is higher by `captionHeight`.
 * @throws MurmurError INVALID_REQUEST when the pixels are not as many as its size says; BROKEN_FILE when the JPEG is none
 */
export async function drawOverlay(
  picture: RawPicture | JpegPicture,
  scene: OverlayScene,
): Promise<RgbPicture> {
  const { width, height, rgb } = 'jpeg' in picture ? await decodeJpeg(picture.jpeg) : toRgb(picture)
  const drawing = Buffer.from(overlaySvg({ width, height }, scene))
  const top = captionHeight({ width }, scene)
  const drawn = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .extend({ top, background: '#0b0f14' })
    .composite([{ input: drawing }])
    .removeAlpha()
    .raw()
    .toBuffer()
  return { width, height: height + top, rgb: drawn }
}
