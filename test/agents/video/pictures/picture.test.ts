import t from 'tap'
import { encodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import { planarToRgb, type RgbPicture, yuvToRgb } from '../../../../services/agents/video/pictures/picture.ts'
import { plain } from './sample-drawing.ts'

/** The bars of a test picture: what BT.601 says each colour is in limited range. */
const BARS: [name: string, yuv: [number, number, number], rgb: [number, number, number]][] = [
  ['black', [16, 128, 128], [0, 0, 0]],
  ['white', [235, 128, 128], [255, 255, 255]],
  ['grey', [126, 128, 128], [128, 128, 128]],
  ['red', [81, 90, 240], [255, 0, 0]],
  ['green', [145, 54, 34], [0, 255, 0]],
  ['blue', [41, 240, 110], [0, 0, 255]],
  ['yellow', [210, 16, 146], [255, 255, 0]],
  ['cyan', [170, 166, 16], [0, 255, 255]],
  ['below range', [0, 128, 128], [0, 0, 0]],
  ['above range', [255, 128, 128], [255, 255, 255]],
]

const pixel = ({ width, rgb }: RgbPicture, x: number, y: number): number[] => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
const near = (a: readonly number[], b: readonly number[], by: number) =>
  a.every((value, i) => Math.abs(value - b[i]!) <= by)

t.test('yuv420p: known colours, odd sizes too', async (t) => {
  for (const [name, yuv, rgb] of BARS) {
    const picture = yuvToRgb(plain(5, 3, yuv))
    for (const [x, y] of [
      [0, 0],
      [4, 2],
    ] as const)
      t.ok(near(pixel(picture, x, y), rgb, 2), `${name}: ${pixel(picture, x, y)}`)
  }
})

t.test('yuv420p: each pair of chroma belongs to its own 2 × 2 pixels', async (t) => {
  const given = plain(4, 4, [128, 128, 128])
  // The lower right quarter is red.
  given.yuv420p.set([240], 16 + 4 + 3)
  const picture = yuvToRgb(given)
  t.ok(pixel(picture, 3, 3)[0]! > 200)
  t.ok(pixel(picture, 2, 2)[0]! > 200)
  t.ok(near(pixel(picture, 1, 3), pixel(picture, 0, 0), 0))
  t.ok(near(pixel(picture, 3, 1), pixel(picture, 0, 0), 0))
})

t.test('gbrp: planes are put in their order', async (t) => {
  const picture = planarToRgb({ width: 2, height: 1, gbrp: Uint8Array.of(20, 21, 30, 31, 10, 11) })
  t.strictSame([...picture.rgb], [10, 20, 30, 11, 21, 31])
})

t.test('a picture whose bytes do not fit its size is refused', async (t) => {
  const code = { code: 'INVALID_REQUEST' }
  t.throws(() => yuvToRgb({ width: 4, height: 4, yuv420p: new Uint8Array(23) }), code)
  t.throws(() => planarToRgb({ width: 4, height: 4, gbrp: new Uint8Array(49) }), code)
  await t.rejects(encodeJpeg({ width: 0, height: 4, rgb: new Uint8Array(0) }), code)
  await t.rejects(encodeJpeg({ width: 2, height: 2, rgb: new Uint8Array(11) }), code)
})
