import t from 'tap'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { STRIDE } from '../../../../../services/agents/video/scenes/raster/mesh.ts'
import {
  fence,
  lampPost,
  type Prop,
  SMALL_PROPS,
  smallProp,
  tree,
} from '../../../../../services/agents/video/scenes/world/props.ts'

const PLACEMENT = { x: 1, z: 2, yaw: 0.5 }

function heights({ mesh }: Prop): number[] {
  return Array.from({ length: mesh.vertices }, (_, i) => mesh.data[i * STRIDE + 1]!)
}

t.test('small props stand on the ground where they were put, of finite size', async (t) => {
  for (const kind of SMALL_PROPS)
    for (let seed = 0; seed < 5; seed++) {
      const prop = smallProp(kind, PLACEMENT, createRandom(seed))
      t.ok(prop.mesh.indices >= 3, kind)
      t.ok(prop.mesh.data.subarray(0, prop.mesh.vertices * STRIDE).every(Number.isFinite), kind)
      t.ok(Math.min(...heights(prop)) > -0.2 && Math.max(...heights(prop)) < 6, kind)
      t.match(prop.placement, PLACEMENT)
      t.ok(prop.footprint.halfWidth > 0 && prop.footprint.halfLength > 0)
    }
})

t.test('trees are four to twelve metres high, lamp posts as high as they are asked to be', async (t) => {
  for (let seed = 0; seed < 10; seed++) {
    const top = Math.max(...heights(tree(PLACEMENT, createRandom(seed))))
    t.ok(top > 3.5 && top < 13, String(top))
  }
  const post = Math.max(...heights(lampPost(PLACEMENT, 5.5, 0)))
  t.ok(post > 5.2 && post < 6, String(post))
})

t.test('a fence is as long as it was asked for; leaves of a hedge reach beyond its ends', async (t) => {
  for (let seed = 0; seed < 10; seed++) {
    const { mesh, footprint } = fence(PLACEMENT, 10, createRandom(seed))
    const xs = Array.from({ length: mesh.vertices }, (_, i) => mesh.data[i * STRIDE]!)
    const length = Math.max(...xs) - Math.min(...xs)
    t.ok(length > 9.4 && length < 11.6, String(length))
    t.equal(footprint.halfWidth, 5)
  }
})
