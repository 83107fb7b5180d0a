import t from 'tap'
import { encodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import { drawOverlay } from '../../../../services/agents/video/pictures/overlay.ts'
import { CLASS_COLOURS, SEVERITY_COLOURS } from '../../../../services/agents/video/pictures/overlay-scene.ts'
import type { RgbPicture } from '../../../../services/agents/video/pictures/picture.ts'
import { GREY, SCENE } from './sample-drawing.ts'

const pixel = ({ width, rgb }: RgbPicture, x: number, y: number): number[] => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
const near = (a: readonly number[], b: readonly number[], by: number) =>
  a.every((value, i) => Math.abs(value - b[i]!) <= by)
const colour = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))

t.test('what is drawn is where it belongs, the rest is as it was', async (t) => {
  const boxes = [
    { box: [0.25, 0.25, 0.75, 0.75], class: 'person', label: 'person 1 · 90 %' },
  ] satisfies NonNullable<typeof SCENE.boxes>
  const drawn = await drawOverlay(GREY, { boxes })
  const edge = colour(CLASS_COLOURS.person)
  t.ok(near(pixel(drawn, 80, 120), edge, 60), `left edge ${pixel(drawn, 80, 120)}`)
  t.ok(near(pixel(drawn, 160, 180), edge, 60), `lower edge ${pixel(drawn, 160, 180)}`)
  t.strictSame(pixel(drawn, 160, 120), [90, 90, 90], 'inside')
  t.strictSame(pixel(drawn, 300, 220), [90, 90, 90], 'outside')
  t.ok(near(pixel(drawn, 82, 53), edge, 60), `chip above it ${pixel(drawn, 82, 53)}`)
  t.strictSame(pixel(await drawOverlay(GREY, {}), 160, 120), [90, 90, 90], 'nothing to draw')
})

t.test(
  'a caption takes the upper edge in the colour of the severity, and what it is about has it too',
  async (t) => {
    const drawn = await drawOverlay({ jpeg: await encodeJpeg(GREY) }, SCENE)
    const red = colour(SEVERITY_COLOURS.critical)
    t.match(drawn, { width: 320, height: 240 })
    t.ok(near(pixel(drawn, 1, 10), red, 12), `band ${pixel(drawn, 1, 10)}`)
    t.ok(pixel(drawn, 150, 2)[0]! < 60, 'dark bar')
    t.ok(near(pixel(drawn, 64, 140), red, 60), `active box ${pixel(drawn, 64, 140)}`)
    t.ok(near(pixel(drawn, 192, 120), colour(CLASS_COLOURS.vehicle), 60), 'the other keeps its own')
  },
)
