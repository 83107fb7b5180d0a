import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import t from 'tap'
import { encodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import {
  overlap,
  placeLabel,
  type Rectangle,
} from '../../../../services/agents/video/pictures/label-placement.ts'
import { decodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import { drawOverlay } from '../../../../services/agents/video/pictures/overlay.ts'
import {
  CLASS_COLOURS,
  objectLabel,
  SEVERITY_COLOURS,
} from '../../../../services/agents/video/pictures/overlay-scene.ts'
import { overlaySvg } from '../../../../services/agents/video/pictures/overlay-svg.ts'
import { planarToRgb, type RgbPicture, yuvToRgb } from '../../../../services/agents/video/pictures/picture.ts'
import { FONT, glyphOf } from '../../../../services/agents/video/pictures/stroke-font.ts'
import { fitText, textWidth } from '../../../../services/agents/video/pictures/stroke-text.ts'
import { GREY, SCENE } from './sample-drawing.ts'

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

function plain(width: number, height: number, [y, u, v]: [number, number, number]) {
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1)
  const yuv420p = new Uint8Array(width * height + 2 * chroma)
  yuv420p.fill(y, 0, width * height)
  yuv420p.fill(u, width * height, width * height + chroma)
  yuv420p.fill(v, width * height + chroma)
  return { width, height, yuv420p }
}

const pixel = ({ width, rgb }: RgbPicture, x: number, y: number): number[] => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
const near = (a: readonly number[], b: readonly number[], by: number) =>
  a.every((value, i) => Math.abs(value - b[i]!) <= by)
const colour = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))

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

t.test('it looks the same on a machine without any font', async (t) => {
  const draw = (env: Record<string, string>) =>
    execFileSync(process.execPath, [join(import.meta.dirname, 'sample-drawing.ts')], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
  const config = join(
    t.testdir({ 'fonts.conf': '<?xml version="1.0"?><fontconfig></fontconfig>' }),
    'fonts.conf',
  )
  const without = draw({ FONTCONFIG_FILE: config })
  t.match(without, /^[0-9a-f]{64}$/)
  t.equal(without, draw({}))
  t.notMatch(overlaySvg(GREY, SCENE), '<text', 'all text is strokes')
})

t.test('every printable ASCII character and what labels use has strokes of its own', async (t) => {
  const unknown = glyphOf('\u{1F6A8}')
  for (let code = 33; code < 127; code++)
    t.not(glyphOf(String.fromCharCode(code)), unknown, String.fromCharCode(code))
  for (const character of '·–—…×→°') t.not(glyphOf(character), unknown, character)
  t.equal(glyphOf('é'), glyphOf('e'), 'without its accent rather than not at all')
})

t.test('a text that is fitted fits, and is a beginning of what was given', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 7, max: 18 }),
      (text, room, cap) => {
        const fitted = fitText(text, cap, room)
        if (fitted === text) return textWidth(text, cap) <= room
        return (
          textWidth(fitted, cap) <= room &&
          (fitted === '' || (fitted.endsWith('…') && text.startsWith(fitted.slice(0, -1))))
        )
      },
    ),
  )
  t.equal(textWidth('II', FONT.capHeight), FONT.gap)
})

t.test('labels stay in the picture and cover no other where there is room', async (t) => {
  const space: Rectangle = { x: 0, y: 30, width: 640, height: 330 }
  const size = { width: 90, height: 16 }
  const things = fc.array(
    fc.record({
      x: fc.integer({ min: 0, max: 560 }),
      y: fc.integer({ min: 0, max: 280 }),
      width: fc.integer({ min: 10, max: 80 }),
      height: fc.integer({ min: 20, max: 80 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(things, (given) => {
      const taken: Rectangle[] = []
      for (const thing of given) taken.push(placeLabel(thing, size, space, taken))
      return taken.every(
        ({ x, y, width, height }) =>
          x >= space.x && y >= space.y && x + width <= 640 && y + height <= space.y + space.height,
      )
    }),
  )
  const thing = { x: 100, y: 100, width: 60, height: 100 }
  const first = placeLabel(thing, size, space, [])
  t.strictSame([first.x, first.y], [100, 84], 'above it')
  const second = placeLabel(thing, size, space, [first])
  t.equal(overlap(first, second), 0)
  const atTop = placeLabel({ ...thing, y: 31 }, size, space, [])
  t.equal(atTop.y, 131, 'below it, where there is no room above')
})

t.test('what an object is called', async (t) => {
  t.equal(objectLabel({ id: 3, label: 'person', score: 0.826 }), 'person 3 · 83 %')
  t.equal(objectLabel({ label: 'car', score: 1 }), 'car · 100 %')
})
