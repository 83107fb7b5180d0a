import t from 'tap'
import {
  createCamera,
  groundAt,
  horizonY,
  NEAR_M,
  project,
} from '../../../../services/agents/video/scenes/camera.ts'

const LEVEL = createCamera({ width: 200, height: 100, heightM: 2, pitch: 0, fov: Math.PI / 2 })
const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-6

t.test(
  'a level camera with a right angle of view: what is as far aside as away is at the edge',
  async (t) => {
    t.ok(isNear(LEVEL.focal, 100))
    t.strictSame(project(LEVEL, [0, 2, 10]), { x: 100, y: 50, depth: 10 })
    const edge = project(LEVEL, [10, 2, 10])!
    t.ok(isNear(edge.x, 200) && isNear(edge.y, 50))
    const ground = project(LEVEL, [0, 0, 4])!
    t.ok(isNear(ground.y, 100), '2 m below at 4 m is half the focal length below the middle')
  },
)

t.test('what is behind the camera or nearer than the near plane is not projected', async (t) => {
  t.equal(project(LEVEL, [0, 2, -5]), undefined)
  t.equal(project(LEVEL, [0, 2, NEAR_M - 0.01]), undefined)
  t.ok(project(LEVEL, [0, 2, NEAR_M]))
})

t.test('the ground at a pixel is what projects to it; above the horizon there is none', async (t) => {
  const camera = createCamera({
    width: 320,
    height: 180,
    heightM: 6,
    pitch: 0.4,
    fov: 1.1,
    yaw: 0.3,
    xM: 2,
    zM: -1,
  })
  for (const [x, y] of [
    [10, 170],
    [160, 90],
    [300, 60],
  ] as const) {
    const at = groundAt(camera, x, y)!
    t.equal(at[1], 0)
    const back = project(camera, at)!
    t.ok(isNear(back.x, x) && isNear(back.y, y), `${back.x} ${back.y}`)
  }
  t.equal(groundAt(camera, 160, horizonY(camera) - 1), undefined)
  t.ok(groundAt(camera, 160, horizonY(camera) + 1))
})

t.test('the horizon of a level camera is the middle; looking down moves it up', async (t) => {
  t.equal(horizonY(LEVEL), 50)
  const down = createCamera({ width: 200, height: 100, heightM: 2, pitch: 0.3, fov: Math.PI / 2 })
  t.ok(isNear(horizonY(down), 50 - 100 * Math.tan(0.3)))
})
