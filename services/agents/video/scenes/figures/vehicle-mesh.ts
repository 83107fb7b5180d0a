import { addQuad, addTriangle, addVertex, type Finish, type Mesh, smoothNormals } from '../raster/mesh.ts'
import { addTruck } from './truck-mesh.ts'
import type { VehicleAppearance } from './vehicle-appearance.ts'
import { addFittings, addWheels, paneOf } from './vehicle-parts.ts'
import { beltOf, type Profile, profileOf, SILL } from './vehicle-profile.ts'

type Point = readonly [number, number, number]

/** A vehicle that stands on the ground, its middle at the origin, its front at +z. */
export function addVehicle(mesh: Mesh, appearance: VehicleAppearance): void {
  if (appearance.body === 'truck') {
    addTruck(mesh, appearance)
    return
  }
  const profile = profileOf(appearance.body, appearance.shape)
  const { lengthM, heightM, widthM } = appearance
  addHull(mesh, appearance, profile)
  addCabin(mesh, appearance, profile)
  const z = (at: number) => (at - 0.5) * lengthM
  addWheels(mesh, appearance, [z(profile.axles[0]), z(profile.axles[1])])
  const bonnet = profile.hull[profile.hull.length - 2]![1] * heightM
  addFittings(mesh, appearance, {
    front: lengthM / 2,
    rear: -lengthM / 2,
    frontTop: bonnet,
    rearTop: profile.hull[1]![1] * heightM,
    halfWidth: widthM / 2,
    mirrorZ: z(profile.cabin[1] - 0.06),
    belt: beltOf(profile) * heightM,
  })
}

/** The lower body: rounded cross-sections from the tail to the nose. */
function addHull(mesh: Mesh, appearance: VehicleAppearance, { hull }: Profile): void {
  const { lengthM, widthM, heightM, paint, second } = appearance
  const first = mesh.vertices
  const firstIndex = mesh.indices
  const sill = SILL * heightM
  const paintFinish: Finish = { color: paint, gloss: 0.06 }
  const sillFinish: Finish = { color: second, gloss: 0.03 }
  for (const [at, top, wide] of hull) {
    const z = (at - 0.5) * lengthM
    const y = top * heightM
    const w = (wide * widthM) / 2
    const rise = y - sill
    const half: readonly (readonly [number, number, Finish])[] = [
      [w * 0.9, sill, sillFinish],
      [w * 0.99, sill + rise * 0.18, sillFinish],
      [w, sill + rise * 0.5, paintFinish],
      [w * 0.985, sill + rise * 0.82, paintFinish],
      [w * 0.9, y - rise * 0.02, paintFinish],
      [w * 0.5, y + 0.02, paintFinish],
    ]
    for (const [x, height, finish] of half) addVertex(mesh, [x, height, z], finish)
    for (const [x, height, finish] of [...half].reverse()) addVertex(mesh, [-x, height, z], finish)
  }
  const ring = 12
  for (let i = 0; i + 1 < hull.length; i++) {
    for (let k = 0; k + 1 < ring; k++) {
      const low = first + i * ring + k
      addTriangle(mesh, low, low + 1, low + ring)
      addTriangle(mesh, low + 1, low + ring + 1, low + ring)
    }
  }
  smoothNormals(mesh, first, firstIndex)
  addEnd(mesh, appearance, hull[0]!, -1)
  addEnd(mesh, appearance, hull[hull.length - 1]!, 1)
}

function addEnd(
  mesh: Mesh,
  { lengthM, widthM, heightM, paint }: VehicleAppearance,
  [at, top, wide]: readonly [number, number, number],
  way: -1 | 1,
): void {
  const z = (at - 0.5) * lengthM
  const w = (wide * widthM) / 2
  const low = SILL * heightM
  const high = top * heightM
  addQuad(
    mesh,
    [
      [-w * 0.95, low, z],
      [w * 0.95, low, z],
      [w * 0.9, high, z],
      [-w * 0.9, high, z],
    ],
    { color: paint, gloss: 0.06 },
    [0, (low + high) / 2, z - way],
  )
}

/** Roof, pillars and glass. */
function addCabin(mesh: Mesh, appearance: VehicleAppearance, profile: Profile): void {
  const { lengthM, widthM, heightM, paint, glass, body } = appearance
  const belt = beltOf(profile) * heightM - 0.02
  const z = (at: number) => (at - 0.5) * lengthM
  const [rearFoot, frontFoot, rearTop, frontTop] = profile.cabin
  const boxy = body === 'van' || body === 'minibus' || body === 'bus'
  const foot = (widthM / 2) * (boxy ? 0.99 : 0.93)
  const roof = (widthM / 2) * (boxy ? 0.92 : 0.7)
  const top = heightM - 0.03
  const shell: Finish = { color: paint, gloss: 0.06 }
  const pane: Finish = { color: glass, gloss: 0.16 }
  const inside: Point = [0, belt, z((rearFoot + frontFoot) / 2)]
  const face = (
    corners: readonly [Point, Point, Point, Point],
    panes: readonly (readonly [number, number])[],
    inset: number,
  ) => {
    addQuad(mesh, corners, shell, inside)
    for (const [from, to] of panes)
      addQuad(mesh, paneOf(corners, { from, to, low: inset, high: 1 - inset * 0.8 }, inside), pane, inside)
  }
  for (const side of [-1, 1] as const) {
    const corners = [
      [side * foot, belt, z(rearFoot)],
      [side * foot, belt, z(frontFoot)],
      [side * roof, top, z(frontTop)],
      [side * roof, top, z(rearTop)],
    ] as const
    face(corners, profile.windows, body === 'bus' ? 0.12 : 0.1)
  }
  face(
    [
      [-foot, belt, z(frontFoot)],
      [foot, belt, z(frontFoot)],
      [roof, top, z(frontTop)],
      [-roof, top, z(frontTop)],
    ],
    [[0.04, 0.96]],
    0.05,
  )
  face(
    [
      [-foot, belt, z(rearFoot)],
      [foot, belt, z(rearFoot)],
      [roof, top, z(rearTop)],
      [-roof, top, z(rearTop)],
    ],
    profile.rearWindow ? [[0.07, 0.93]] : [],
    boxy ? 0.3 : 0.1,
  )
  // The roof is a little higher in the middle.
  const middle = (z(frontTop) + z(rearTop)) / 2
  const crown: Point = [0, heightM + 0.01, middle]
  const rim: readonly Point[] = [
    [-roof, top, z(rearTop)],
    [roof, top, z(rearTop)],
    [roof, top, z(frontTop)],
    [-roof, top, z(frontTop)],
  ]
  const centre = addVertex(mesh, crown, shell, [0, 1, 0])
  const around = rim.map((point) => {
    const side = Math.sign(point[0]) * 0.25
    return addVertex(mesh, point, shell, [side, 0.94, Math.sign(point[2] - middle) * 0.22])
  })
  for (let k = 0; k < 4; k++) addTriangle(mesh, centre, around[k]!, around[(k + 1) % 4]!)
}
