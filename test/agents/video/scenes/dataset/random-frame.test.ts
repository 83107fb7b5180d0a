import t from 'tap'
import { horizonY, project } from '../../../../../services/agents/video/scenes/camera.ts'
import {
  randomActors,
  randomCamera,
} from '../../../../../services/agents/video/scenes/dataset/random-frame.ts'
import { randomStreet } from '../../../../../services/agents/video/scenes/dataset/random-street.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'

t.test('cameras hang from head height to ten metres and see ground', async (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const camera = randomCamera(416, 256, createRandom(seed))
    t.ok(camera.position[1] >= 1.6 && camera.position[1] <= 10)
    t.ok(horizonY(camera) < 256 * 0.6, `the horizon at ${horizonY(camera)}`)
  }
})

t.test('actors stand before the camera, apart from each other; some streets are empty', async (t) => {
  let empty = 0
  for (let seed = 0; seed < 40; seed++) {
    const random = createRandom(seed)
    const camera = randomCamera(416, 256, random.fork())
    const actors = randomActors(camera, randomStreet(random.fork()), random.fork())
    if (actors.length === 0) empty++
    for (const [i, { placement, footprint }] of actors.entries()) {
      t.ok(project(camera, [placement.x, 0, placement.z]), 'before the camera')
      for (const other of actors.slice(0, i)) {
        const apart = Math.hypot(placement.x - other.placement.x, placement.z - other.placement.z)
        const least =
          Math.min(footprint.halfWidth, footprint.halfLength) +
          Math.min(other.footprint.halfWidth, other.footprint.halfLength)
        t.ok(apart >= least - 1e-9, `${apart} m apart`)
      }
    }
  }
  t.ok(empty > 0 && empty < 15, `${empty} empty ones`)
})
