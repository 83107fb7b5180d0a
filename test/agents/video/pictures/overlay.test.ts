import t from 'tap'
import { encodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import { drawOverlay } from '../../../../services/agents/video/pictures/overlay.ts'
import { CLASS_COLOURS, SEVERITY_COLOURS } from '../../../../services/agents/video/pictures/overlay-scene.ts'
import { captionHeight } from '../../../../services/agents/video/pictures/overlay-svg.ts'
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
  'a caption stands above the picture, in the colour of the severity, and what it is about has it too',
  async (t) => {
    const drawn = await drawOverlay({ jpeg: await encodeJpeg(GREY) }, SCENE)
    const top = captionHeight(GREY, SCENE)
    const red = colour(SEVERITY_COLOURS.critical)
    t.ok(top > 20 && top % 2 === 0)
    t.match(drawn, { width: 320, height: 240 + top })
    t.ok(near(pixel(drawn, 1, 10), red, 12), `band ${pixel(drawn, 1, 10)}`)
    t.ok(pixel(drawn, 150, 2)[0]! < 60, 'dark bar')
    t.ok(near(pixel(drawn, 64, 140 + top), red, 60), `active box ${pixel(drawn, 64, 140 + top)}`)
    t.ok(near(pixel(drawn, 192, 120 + top), colour(CLASS_COLOURS.vehicle), 60), 'the other keeps its own')
    // The corners, where cameras write their own clock.
    for (const [x, y] of [
      [10, 4],
      [310, 4],
      [10, 236],
      [310, 236],
    ])
      t.ok(near(pixel(drawn, x!, y! + top), [90, 90, 90], 4), `as it was at ${x}, ${y}`)
  },
)

t.test('labels leave heads free: the upper fifth of each box', async (t) => {
  const crowd = [0.1, 0.32, 0.54, 0.76].map((x, i) => ({
    box: [x, 0.3, x + 0.15, 0.8] as [number, number, number, number],
    class: 'person' as const,
    label: `person ${i} · 90 %`,
  }))
  const drawn = await drawOverlay(GREY, { boxes: crowd })
  for (const { box } of crowd)
    for (const share of [0.3, 0.5, 0.7]) {
      const x = Math.round((box[0] + share * (box[2] - box[0])) * 320)
      t.ok(near(pixel(drawn, x, Math.round((0.3 + 0.1 * 0.5) * 240)), [90, 90, 90], 4), `${x}`)
    }
})

t.test('a grid has a line at each tenth', async (t) => {
  const drawn = await drawOverlay(GREY, { grid: true })
  for (const tenth of [2, 5, 9]) {
    t.notOk(near(pixel(drawn, tenth * 32, 110), [90, 90, 90], 12), `x = ${tenth / 10}`)
    t.notOk(near(pixel(drawn, 110, tenth * 24), [90, 90, 90], 12), `y = ${tenth / 10}`)
  }
  t.strictSame(pixel(drawn, 112, 132), [90, 90, 90], 'between them')
})
