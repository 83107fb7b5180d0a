import t from 'tap'
import { createCamera } from '../../../../services/agents/video/scenes/camera.ts'
import { standingPose } from '../../../../services/agents/video/scenes/figures/gait.ts'
import { randomPersonAppearance } from '../../../../services/agents/video/scenes/figures/person-appearance.ts'
import { addPerson } from '../../../../services/agents/video/scenes/figures/person-mesh.ts'
import { randomVehicleAppearance } from '../../../../services/agents/video/scenes/figures/vehicle-appearance.ts'
import { addVehicle } from '../../../../services/agents/video/scenes/figures/vehicle-mesh.ts'
import { createRandom } from '../../../../services/agents/video/scenes/random.ts'
import { addBox, createMesh, STRIDE } from '../../../../services/agents/video/scenes/raster/mesh.ts'
import {
  type Actor,
  createRenderer,
  type Street,
  type VisibleBox,
} from '../../../../services/agents/video/scenes/renderer.ts'
import { lightingOf } from '../../../../services/agents/video/scenes/world/lighting.ts'
import { paving } from '../../../../services/agents/video/scenes/world/materials.ts'

const WIDTH = 320
const HEIGHT = 200
const camera = createCamera({ width: WIDTH, height: HEIGHT, heightM: 4, pitch: 0.3, fov: 1 })

/** Without noise, so that what differs between two pictures is what was drawn. */
function quietStreet(props: Street['props'] = []): Street {
  const random = createRandom(1)
  return {
    ground: {
      yaw: 0,
      bendM: 0,
      bendWaveM: 1,
      seedU: 0,
      bands: [{ toU: Infinity, material: paving(random) }],
      lines: [],
      marks: [],
      stains: [],
    },
    lighting: lightingOf('day', random),
    sensor: {
      exposure: 1,
      contrast: 1,
      lift: 0,
      gains: [1, 1, 1],
      saturation: 1,
      noise: 0,
      chromaNoise: 0,
      blur: 0,
    },
    props,
  }
}

function person(x: number, z: number, seed = 1): Actor {
  const random = createRandom(seed)
  const mesh = createMesh()
  addPerson(mesh, randomPersonAppearance(random), standingPose(random.next(), 0), 9)
  return { mesh, placement: { x, z, yaw: seed }, footprint: { halfWidth: 0.25, halfLength: 0.25 } }
}

function vehicle(x: number, z: number, seed = 1): Actor {
  const mesh = createMesh()
  const appearance = randomVehicleAppearance(createRandom(seed), ['hatchback', 'van', 'truck', 'bus'])
  addVehicle(mesh, appearance)
  const footprint = { halfWidth: appearance.widthM / 2, halfLength: appearance.lengthM / 2 }
  return { mesh, placement: { x, z, yaw: seed * 0.7 }, footprint }
}

/** The same body in a glowing red: its shadow stays as it was. */
function recoloured(actor: Actor): Actor {
  const mesh = { ...actor.mesh, data: actor.mesh.data.slice() }
  for (let i = 0; i < mesh.vertices; i++) mesh.data.set([1, 0, 0, 0, 3], i * STRIDE + 6)
  return { ...actor, mesh }
}

interface Drawn {
  pixels: Uint8Array
  sightings: (VisibleBox | undefined)[]
}

function draw(actors: readonly Actor[], street = quietStreet()): Drawn {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3)
  const sightings = createRenderer(camera, street).render(actors, pixels, createRandom(5))
  return { pixels, sightings }
}

interface Extent {
  count: number
  box: [number, number, number, number]
}

/** Where two pictures differ. */
function difference(a: Uint8Array, b: Uint8Array): Extent {
  const extent: Extent = { count: 0, box: [Infinity, Infinity, -Infinity, -Infinity] }
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    if ([0, 1, 2].every((k) => a[i * 3 + k] === b[i * 3 + k])) continue
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
    const { box } = extent
    extent.count++
    extent.box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1)]
  }
  return extent
}

/** The pixels that are the first actor's, told by painting it in another colour. */
function pixelsOfFirst(actors: readonly Actor[], street = quietStreet()): Extent {
  const [first, ...others] = actors
  return difference(draw(actors, street).pixels, draw([recoloured(first!), ...others], street).pixels)
}

t.test('the box of an actor is the extent of its pixels, without its shadow', async (t) => {
  const actors = [1, 2, 3, 4].flatMap((seed) => [
    person(seed - 2, 6 + seed * 2, seed),
    vehicle(seed - 2, 12 + seed * 2, seed),
  ])
  for (const actor of actors) {
    const { box } = draw([actor]).sightings[0]!
    const extent = pixelsOfFirst([actor])
    for (const [k, edge] of box.entries())
      t.ok(Math.abs(edge - extent.box[k]!) <= 0.5, `edge ${k}: ${edge} is at ${extent.box[k]}`)
  }
})

t.test('what stands free is seen wholly', async (t) => {
  t.equal(draw([person(0, 8)]).sightings[0]!.visibility, 1)
  t.equal(draw([vehicle(0, 14)]).sightings[0]!.visibility, 1)
})

t.test('visibility is the share of the pixels that others leave to see', async (t) => {
  for (const shift of [-0.9, -0.5, 0, 0.4, 0.8]) {
    const [behind, before] = [person(0, 10, 2), person(shift / 2, 7, 3)]
    const { sightings } = draw([behind, before])
    const share = pixelsOfFirst([behind, before]).count / pixelsOfFirst([behind]).count
    t.ok(Math.abs(sightings[0]!.visibility - share) < 0.06, `${sightings[0]!.visibility} is about ${share}`)
    t.equal(sightings[1]!.visibility, 1, 'who stands before is seen wholly')
  }
})

t.test('the order in which actors are given changes nothing', async (t) => {
  const actors = [person(0, 10, 2), person(0.2, 7, 3), vehicle(1, 14)]
  const there = draw(actors)
  const back = draw(actors.toReversed())
  t.strictSame(back.sightings.toReversed(), there.sightings)
})

t.test('who stands behind a wall keeps a box and is not seen', async (t) => {
  const mesh = createMesh()
  addBox(mesh, [-3, 0, -0.1], [3, 3.5, 0.1], { color: [0.3, 0.3, 0.3] })
  const placement = { x: 0, z: 7, yaw: 0 }
  const wall = { mesh, placement, footprint: { halfWidth: 3, halfLength: 0.1 } }
  const hidden = person(0, 9)
  const free = draw([hidden]).sightings[0]!
  const sighting = draw([hidden], quietStreet([wall])).sightings[0]!
  t.equal(sighting.visibility, 0)
  t.strictSame(sighting.box, free.box)
  t.equal(pixelsOfFirst([hidden], quietStreet([wall])).count, 0)
})

t.test('what the frame cuts off is missing from box and visibility', async (t) => {
  const whole = draw([vehicle(0, 12, 3)]).sightings[0]!
  const cut = draw([vehicle(-6.4, 12, 3)]).sightings[0]!
  t.equal(cut.box[0], 0)
  t.ok(cut.visibility > 0.1 && cut.visibility < 0.9, String(cut.visibility))
  t.ok(cut.box[2] - cut.box[0] < whole.box[2] - whole.box[0])
  t.equal(draw([vehicle(-40, 12)]).sightings[0], undefined, 'outside there is nothing to see')
})

t.test('persons are as tall as their distance makes them', async (t) => {
  const near = draw([person(0, 8)]).sightings[0]!.box
  const far = draw([person(0, 16)]).sightings[0]!.box
  const ratio = (near[3] - near[1]) / (far[3] - far[1])
  t.ok(ratio > 1.7 && ratio < 2.1, String(ratio))
})

t.test('a frame leaves no trace in the next one', async (t) => {
  const renderer = createRenderer(camera, quietStreet())
  const [first, second, third] = [0, 1, 2].map(() => new Uint8Array(WIDTH * HEIGHT * 3))
  renderer.render([], first!, createRandom(1))
  renderer.render([person(0, 8), vehicle(1, 12)], second!, createRandom(1))
  renderer.render([], third!, createRandom(1))
  t.notOk(Buffer.from(second!).equals(first!))
  t.ok(Buffer.from(third!).equals(first!))
})

t.test('more actors than can be told apart are refused', async (t) => {
  const actor = person(0, 8)
  t.throws(() => draw(Array.from({ length: 256 }, () => actor)), RangeError)
})
