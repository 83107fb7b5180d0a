import t from 'tap'
import { type Ground, placeAt, streetAt } from '../../../../../services/agents/video/scenes/world/ground.ts'

const STRAIGHT: Ground = {
  yaw: 0,
  bands: [],
  lines: [],
  marks: [],
  stains: [],
  bendM: 0,
  bendWaveM: 1,
  seedU: 0,
}

t.test('a straight street along z: across is x, along is z', async (t) => {
  t.strictSame(streetAt(STRAIGHT, 3, 7), { u: 3, v: 7 })
  t.strictSame(placeAt(STRAIGHT, 3, 7), { x: 3, z: 7 })
})

t.test('a street to the right: what is farther from the camera is farther across', async (t) => {
  const { u, v } = streetAt({ ...STRAIGHT, yaw: Math.PI / 2 }, 3, 7)
  t.ok(Math.abs(u + 7) < 1e-9 && Math.abs(v - 3) < 1e-9, `${u} ${v}`)
})

t.test('places and points lead to each other, on a bent street too', async (t) => {
  const bent = { ...STRAIGHT, yaw: 0.4, bendM: 1.5, bendWaveM: 12 }
  for (const [across, along] of [
    [0, 0],
    [-4, 11],
    [6.5, -3],
  ] as const) {
    const { x, z } = placeAt(bent, across, along)
    const { u, v } = streetAt(bent, x, z)
    t.ok(Math.abs(u - across) < 1e-9 && Math.abs(v - along) < 1e-9, `${u} ${v}`)
  }
})
