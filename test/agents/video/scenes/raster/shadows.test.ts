import t from 'tap'
import { createCamera } from '../../../../../services/agents/video/scenes/camera.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { addBox, createMesh } from '../../../../../services/agents/video/scenes/raster/mesh.ts'
import { createShadowCaster } from '../../../../../services/agents/video/scenes/raster/shadows.ts'
import { type Lighting, lightingOf } from '../../../../../services/agents/video/scenes/world/lighting.ts'

const WIDTH = 80
const HEIGHT = 60
const camera = createCamera({ width: WIDTH, height: HEIGHT, heightM: 5, pitch: 0.5, fov: 1 })
const day = lightingOf('day', createRandom(1))
const FOOTPRINT = { halfWidth: 0.3, halfLength: 0.3 }

function cast(lighting: Lighting) {
  const mesh = createMesh()
  addBox(mesh, [-0.3, 0, -0.3], [0.3, 2, 0.3], { color: [0.5, 0.5, 0.5] })
  const shadows = createShadowCaster(camera, lighting)
  const region = shadows.cast(mesh, { x: 0, z: 9, yaw: 0 }, FOOTPRINT)
  return { shadows, region, dark: shadows.mask.filter((value) => value > 0).length }
}

t.test('a shadow lies within the region that is returned, and falls away from the sun', async (t) => {
  const { shadows, region, dark } = cast({ ...day, sunDirection: [-0.6, 0.7, 0.39] })
  t.ok(dark > 20, `${dark} pixels`)
  let [left, right] = [0, 0]
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      if (shadows.mask[y * WIDTH + x] === 0) continue
      if (x < region.minX || x >= region.maxX || y < region.minY || y >= region.maxY)
        t.fail(`${x} ${y} is outside`)
      if (x < WIDTH / 2) left++
      else right++
    }
  t.ok(right > 2 * left, `the sun stands on the left: ${left} ${right}`)
})

t.test('without sun only the ground beneath is dark', async (t) => {
  const night = cast(lightingOf('night', createRandom(1)))
  t.ok(night.dark > 0 && night.dark < cast({ ...day, sunDirection: [-0.6, 0.7, 0.39] }).dark)
  t.equal(Math.max(...night.shadows.mask), 150)
})

t.test('blurring spreads the edge and keeps the inside of a large area', async (t) => {
  const shadows = createShadowCaster(camera, day)
  for (let y = 20; y < 40; y++) shadows.mask.fill(200, y * WIDTH + 20, y * WIDTH + 40)
  shadows.blur({ minX: 0, minY: 0, maxX: WIDTH, maxY: HEIGHT })
  const at = (x: number, y: number) => shadows.mask[y * WIDTH + x]!
  t.equal(at(30, 30), 200)
  t.equal(at(20, 30), 150, 'three quarters at the edge inside')
  t.equal(at(19, 30), 50, 'a quarter just outside')
  t.equal(at(18, 30), 0)
})
