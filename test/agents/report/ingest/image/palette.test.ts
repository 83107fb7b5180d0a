import t from 'tap'
import type { Pixels } from '../../../../../services/agents/report/ingest/image/image-measures.ts'
import { paletteOf } from '../../../../../services/agents/report/ingest/image/palette.ts'

t.test('palette: shades merge, shares are those of the areas', async (t) => {
  const pixels = painted(100, 100, (x, y) => (x < 70 ? [200 + (y % 4), 30, 40] : [20, 60, 200 - (y % 3)]))
  const palette = paletteOf(pixels)
  t.equal(palette.length, 2)
  t.match(palette[0], { hex: /^#c[89a]/, share: 0.7 })
  t.match(palette[1], { share: 0.3 })
})

t.test('palette: at most six, together at most 1, transparent pixels are not seen', async (t) => {
  const rainbow = paletteOf(painted(128, 128, (x, y) => [x * 2, y * 2, (x * y) % 256]))
  t.ok(rainbow.length <= 6 && rainbow.length > 3)
  t.ok(rainbow.reduce((sum, colour) => sum + colour.share, 0) <= 1)
  t.strictSame(paletteOf(painted(8, 8, () => [255, 0, 0, 0])), [])
  t.strictSame(paletteOf(painted(8, 8, (x) => (x < 4 ? [255, 0, 0, 0] : [0, 0, 0]))), [
    { hex: '#000000', share: 1 },
  ])
})

function painted(width: number, height: number, colour: (x: number, y: number) => number[]): Pixels {
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([...colour(x, y), 255].slice(0, 4), (y * width + x) * 4)
  }
  return { data, width, height }
}
