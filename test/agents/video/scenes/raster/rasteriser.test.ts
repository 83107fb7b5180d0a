import t from 'tap'
import { createCamera } from '../../../../../services/agents/video/scenes/camera.ts'
import {
  createFrameBuffer,
  LIGHT_UNIT,
  SAMPLES,
} from '../../../../../services/agents/video/scenes/raster/frame-buffer.ts'
import { addQuad, createMesh, type Rgb } from '../../../../../services/agents/video/scenes/raster/mesh.ts'
import { createRasteriser } from '../../../../../services/agents/video/scenes/raster/rasteriser.ts'
import type { Lighting } from '../../../../../services/agents/video/scenes/world/lighting.ts'

const SIZE = { width: 40, height: 40 }
const camera = createCamera({ ...SIZE, heightM: 0, pitch: 0, fov: Math.PI / 2 })
/** Even light from everywhere: a surface has its own colour. */
const lighting: Lighting = {
  daytime: 'overcast',
  sunDirection: [0, 1, 0],
  sun: [0, 0, 0],
  sky: [1, 1, 1],
  bounce: [1, 1, 1],
  zenith: [1, 1, 1],
  horizon: [1, 1, 1],
  hazePerM: 0,
  lamps: [],
}
const light = { lighting, sunShare: 1 }
const RED: Rgb = [0.5, 0.125, 0.125]
const GREEN: Rgb = [0.125, 0.5, 0.125]

/** A square of 2 × 2 m that faces the camera. */
function square(color: Rgb) {
  const mesh = createMesh()
  addQuad(
    mesh,
    [
      [-1, -1, 0],
      [1, -1, 0],
      [1, 1, 0],
      [-1, 1, 0],
    ],
    { color },
    [0, 0, 5],
  )
  return mesh
}

const place = (z: number, x = 0) => ({ x, y: 2, z, yaw: 0 })

for (const order of ['near first', 'far first']) {
  t.test(`the z-buffer keeps what is nearest: ${order}`, async (t) => {
    const buffer = createFrameBuffer(SIZE.width, SIZE.height)
    const rasteriser = createRasteriser(buffer, camera)
    const near = () => rasteriser.drawMesh(square(RED), place(4), { objectId: 1, stamp: 1, light })
    const far = () => rasteriser.drawMesh(square(GREEN), place(8), { objectId: 2, stamp: 2, light })
    const coverage = order === 'near first' ? [near(), far()] : [far(), near()].reverse()
    // 2 m at 4 m with a focal length of 20 pixels are 10 pixels; at 8 m they are 5.
    t.equal(coverage[0]!.samples, (10 * SAMPLES) ** 2)
    t.equal(coverage[1]!.samples, (5 * SAMPLES) ** 2, 'hidden samples are counted too')
    t.equal(rasteriser.visible[1], (10 * SAMPLES) ** 2)
    // From 1 to 3 m above the camera: 5 to 15 pixels above the horizon near, 2.5 to 7.5 far. Half of the far one is hidden.
    t.equal(rasteriser.visible[2], (5 * SAMPLES) ** 2 / 2)
  })
}

t.test('a surface has its own colour in even light, and its depth', async (t) => {
  const buffer = createFrameBuffer(SIZE.width, SIZE.height)
  createRasteriser(buffer, camera).drawMesh(square(RED), place(4), { objectId: 1, stamp: 1, light })
  const at = 10 * SAMPLES * buffer.columns + 20 * SAMPLES
  t.ok(Math.abs(buffer.light[at * 3]! - 0.5 * LIGHT_UNIT) < 2, String(buffer.light[at * 3]))
  t.ok(Math.abs(buffer.light[at * 3 + 1]! - 0.125 * LIGHT_UNIT) < 2)
  t.equal(buffer.inverseDepth[at], 0.25)
  t.equal(buffer.objectId[at], 1)
  t.equal(buffer.inverseDepth[0], 0, 'outside nothing was drawn')
})

t.test('what faces away, lies behind the camera or beside the picture is not drawn', async (t) => {
  const rasteriser = createRasteriser(createFrameBuffer(SIZE.width, SIZE.height), camera)
  const away = { ...place(4), yaw: Math.PI }
  t.equal(rasteriser.drawMesh(square(RED), away, { objectId: 1, stamp: 1, light }).samples, 0)
  t.equal(rasteriser.drawMesh(square(RED), place(-4), { objectId: 1, stamp: 2, light }).samples, 0)
  t.equal(rasteriser.drawMesh(square(RED), place(4, 20), { objectId: 1, stamp: 3, light }).samples, 0)
})
