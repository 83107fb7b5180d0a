import t from 'tap'
import { type LitVertex, shadeVertex } from '../../../../../services/agents/video/scenes/raster/shading.ts'
import type { Lighting } from '../../../../../services/agents/video/scenes/world/lighting.ts'

const DARK: Lighting = {
  daytime: 'night',
  sunDirection: [0, 1, 0],
  sun: [0, 0, 0],
  sky: [0, 0, 0],
  bounce: [0, 0, 0],
  zenith: [0, 0, 0],
  horizon: [0, 0, 0],
  hazePerM: 0,
  lamps: [],
}
/** A point a metre above the ground with its face up. */
const UP: LitVertex = {
  ...{ x: 0, y: 1, z: 5, nx: 0, ny: 1, nz: 0, towards: 0.5, viewX: 0, viewY: -0.5, viewZ: 0.8, distance: 10 },
  ...{ red: 0.5, green: 0.25, blue: 1, gloss: 0, glow: 0 },
}

function shaded(lighting: Partial<Lighting>, vertex: Partial<LitVertex> = {}, sunShare = 1): number[] {
  const out = new Float64Array(3)
  shadeVertex(out, { lighting: { ...DARK, ...lighting }, sunShare }, { ...UP, ...vertex })
  return [...out]
}

t.test('without light there is nothing to see but what glows', async (t) => {
  t.strictSame(shaded({}), [0, 0, 0])
  t.strictSame(shaded({}, { glow: 2 }), [1, 0.5, 2])
})

t.test('the sun lights what faces it, as far as it reaches there', async (t) => {
  t.strictSame(shaded({ sun: [1, 1, 1] }), [0.5, 0.25, 1])
  t.strictSame(shaded({ sun: [1, 1, 1] }, {}, 0.5), [0.25, 0.125, 0.5])
  t.strictSame(shaded({ sun: [1, 1, 1] }, { ny: -1 }), [0, 0, 0])
})

t.test(
  'the sky lights from above, the ground from below, and near the ground there is less sky',
  async (t) => {
    t.strictSame(shaded({ sky: [1, 1, 1] }), [0.5, 0.25, 1])
    t.strictSame(shaded({ sky: [1, 1, 1] }, { ny: -1 }), [0, 0, 0])
    t.strictSame(shaded({ bounce: [1, 1, 1] }, { ny: -1 }), [0.5, 0.25, 1])
    t.ok(Math.abs(shaded({ sky: [1, 1, 1] }, { y: 0 })[2]! - 0.72) < 1e-12)
  },
)

t.test('a lamp falls off with the square of the distance', async (t) => {
  const lamp = (height: number) => shaded({ lamps: [{ at: [0, 1 + height, 5], color: [1, 1, 1] }] })[2]!
  t.ok(lamp(2) / lamp(4) > 3.5 && lamp(2) / lamp(4) < 4.1, String(lamp(2) / lamp(4)))
})

t.test('haze turns everything to the horizon, to nine tenths at most', async (t) => {
  const hazy = { sun: [1, 1, 1], horizon: [1, 1, 1], hazePerM: 0.05 } as const
  t.strictSame(shaded(hazy), [0.75, 0.625, 1], 'half of it over ten metres')
  t.ok(Math.abs(shaded(hazy, { distance: 1000 })[1]! - (0.25 + 0.75 * 0.9)) < 1e-12)
})
