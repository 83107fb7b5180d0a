import sharp from 'sharp'
import t from 'tap'
import { decodeJpeg, encodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import type { RgbPicture } from '../../../../services/agents/video/pictures/picture.ts'
import { GREY, plain } from './sample-drawing.ts'

const pixel = ({ width, rgb }: RgbPicture, x: number, y: number): number[] => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
const near = (a: readonly number[], b: readonly number[], by: number) =>
  a.every((value, i) => Math.abs(value - b[i]!) <= by)

t.test('a JPEG has the picture in it, and quality is size', async (t) => {
  const red = plain(64, 48, [81, 90, 240])
  const jpeg = await encodeJpeg(red)
  const back = await decodeJpeg(jpeg)
  t.match(back, { width: 64, height: 48 })
  t.ok(near(pixel(back, 32, 24), [254, 0, 0], 4), String(pixel(back, 32, 24)))
  const noise = {
    width: 64,
    height: 64,
    rgb: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251),
  }
  const [low, high] = await Promise.all([
    encodeJpeg(noise, { quality: 30 }),
    encodeJpeg(noise, { quality: 95 }),
  ])
  t.ok(low.length < high.length)
})

t.test('only JPEGs are decoded, and whole ones', async (t) => {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  await t.rejects(decodeJpeg(png), { code: 'BROKEN_FILE', message: /no JPEG/ })
  await t.rejects(decodeJpeg(new Uint8Array(0)), { code: 'BROKEN_FILE' })
  const jpeg = await encodeJpeg(GREY)
  await t.rejects(decodeJpeg(jpeg.subarray(0, jpeg.length >> 1)), { code: 'BROKEN_FILE' })
})
