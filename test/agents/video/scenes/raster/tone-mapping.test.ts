import t from 'tap'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import {
  createFrameBuffer,
  LIGHT_UNIT,
} from '../../../../../services/agents/video/scenes/raster/frame-buffer.ts'
import {
  createToneMapper,
  type Sensor,
} from '../../../../../services/agents/video/scenes/raster/tone-mapping.ts'

const PLAIN: Sensor = {
  ...{
    exposure: 1,
    contrast: 1,
    lift: 0,
    gains: [1, 1, 1],
    saturation: 1,
    noise: 0,
    chromaNoise: 0,
    blur: 0,
  },
}

/** The bytes of a picture of 2 × 2 pixels that has this linear light everywhere. */
function mapped(light: readonly [number, number, number], sensor: Partial<Sensor> = {}): number[] {
  const buffer = createFrameBuffer(2, 2)
  for (let i = 0; i < buffer.light.length; i++) buffer.light[i] = light[i % 3]! * LIGHT_UNIT
  const picture = new Uint8Array(12)
  const region = { minX: 0, minY: 0, maxX: 2, maxY: 2 }
  createToneMapper({ ...PLAIN, ...sensor }, 2).toneMap(buffer, picture, region)
  return [...picture.subarray(0, 3)]
}

t.test('the tone curve is that of sRGB up to its shoulder', async (t) => {
  t.strictSame(mapped([0, 0, 0]), [0, 0, 0])
  // sRGB: 1.055 · 0.2140^(1/2.4) − 0.055 = 0.5, within the rounding to bytes.
  for (const value of mapped([0.214, 0.214, 0.214])) t.ok(Math.abs(value - 127.5) < 1.5, String(value))
  const [bright] = mapped([7, 7, 7])
  t.ok(bright! >= 254, `white is white: ${bright}`)
})

t.test('more light is never darker', async (t) => {
  const values = Array.from({ length: 40 }, (_, i) => mapped([i / 10, i / 10, i / 10])[0]!)
  t.strictSame(
    values,
    values.toSorted((a, b) => a - b),
  )
  t.ok(mapped([0.1, 0.1, 0.1], { exposure: 2 })[0]! > mapped([0.1, 0.1, 0.1])[0]!)
})

t.test('lift raises black, gains colour grey, no saturation is grey', async (t) => {
  t.ok(Math.abs(mapped([0, 0, 0], { lift: 0.1 })[0]! - 25.5) <= 1)
  const [red, green, blue] = mapped([0.2, 0.2, 0.2], { gains: [1.1, 1, 0.9] })
  t.ok(red! > green! && green! > blue!)
  const grey = mapped([0.6, 0.2, 0.1], { saturation: 0 })
  t.ok(Math.max(...grey) - Math.min(...grey) <= 1, String(grey))
})

t.test('only the region is written', async (t) => {
  const buffer = createFrameBuffer(2, 2)
  buffer.light.fill(LIGHT_UNIT)
  const picture = new Uint8Array(12)
  createToneMapper(PLAIN, 2).toneMap(buffer, picture, { minX: 1, minY: 1, maxX: 2, maxY: 2 })
  t.ok(picture.subarray(0, 9).every((value) => value === 0))
  t.ok(picture[9]! > 200)
})

t.test(
  'noise has its strength and the same seed gives the same; without noise the picture stays',
  async (t) => {
    const picture = new Uint8Array(64 * 64 * 3).fill(100)
    const noisy = (noise: number, seed: number) => {
      const out = new Uint8Array(picture.length)
      createToneMapper({ ...PLAIN, noise }, 64).addNoise(picture, out, createRandom(seed))
      return out
    }
    t.ok(Buffer.from(noisy(0, 1)).equals(picture))
    t.ok(Buffer.from(noisy(4, 1)).equals(noisy(4, 1)))
    t.notOk(Buffer.from(noisy(4, 1)).equals(noisy(4, 2)))
    const values = [...noisy(4, 1)]
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - 100) ** 2, 0) / values.length)
    t.ok(deviation > 3 && deviation < 5, String(deviation))
  },
)
