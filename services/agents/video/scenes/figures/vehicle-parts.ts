import { addBox, addQuad, addTriangle, addVertex, type Finish, type Mesh } from '../raster/mesh.ts'
import type { VehicleAppearance } from './vehicle-appearance.ts'

type Point = readonly [number, number, number]

const TYRE: Finish = { color: [0.012, 0.012, 0.013] }
const ARCH: Finish = { color: [0.006, 0.006, 0.006] }
const ROUND = 12

/** Wheels in dark arches at two axles, places along the vehicle in metres. */
export function addWheels(
  mesh: Mesh,
  { widthM, wheelM, rim }: VehicleAppearance,
  axles: readonly [number, number],
): void {
  for (const z of axles) {
    for (const side of [-1, 1] as const) {
      const outer = (side * widthM) / 2
      addDisc(mesh, { x: outer + side * 0.004, y: wheelM * 1.06, z, radius: wheelM * 1.16, side }, ARCH)
      addTread(mesh, { x: outer - side * 0.2, y: wheelM, z, radius: wheelM, side }, outer + side * 0.015)
      addDisc(mesh, { x: outer + side * 0.015, y: wheelM, z, radius: wheelM, side }, TYRE)
      addDisc(
        mesh,
        { x: outer + side * 0.022, y: wheelM, z, radius: wheelM * 0.64, side },
        { color: rim, gloss: 0.12 },
      )
    }
  }
}

interface Disc {
  x: number
  y: number
  z: number
  radius: number
  side: -1 | 1
}

function addDisc(mesh: Mesh, { x, y, z, radius, side }: Disc, finish: Finish): void {
  const normal: Point = [side, 0, 0]
  const centre = addVertex(mesh, [x, y, z], finish, normal)
  for (let k = 0; k <= ROUND; k++) {
    const angle = (k / ROUND) * 2 * Math.PI
    addVertex(
      mesh,
      [x, Math.max(0.005, y + Math.sin(angle) * radius), z + Math.cos(angle) * radius],
      finish,
      normal,
    )
    if (k > 0) addTriangle(mesh, centre, centre + k, centre + k + 1)
  }
}

function addTread(mesh: Mesh, { x, y, z, radius }: Disc, toX: number): void {
  const base = mesh.vertices
  for (let k = 0; k <= ROUND; k++) {
    const angle = (k / ROUND) * 2 * Math.PI
    const normal: Point = [0, Math.sin(angle), Math.cos(angle)]
    const height = Math.max(0.005, y + Math.sin(angle) * radius)
    addVertex(mesh, [x, height, z + Math.cos(angle) * radius], TYRE, normal)
    addVertex(mesh, [toX, height, z + Math.cos(angle) * radius], TYRE, normal)
    if (k === 0) continue
    const at = base + k * 2
    addTriangle(mesh, at - 2, at - 1, at)
    addTriangle(mesh, at - 1, at + 1, at)
  }
}

export interface FittingPlaces {
  front: number
  rear: number
  /** Upper edge of the front and of the rear face. */
  frontTop: number
  rearTop: number
  halfWidth: number
  mirrorZ: number
  belt: number
}

/** Lights, grille, plates, bumpers, mirrors, the gap under the body. */
export function addFittings(mesh: Mesh, appearance: VehicleAppearance, places: FittingPlaces): void {
  const { front, rear, frontTop, rearTop, halfWidth: w, mirrorZ, belt } = places
  const { heightM, paint, second, lightsOn, shape } = appearance
  const low = heightM * 0.16
  const lamp: Finish = lightsOn
    ? { color: [1, 0.96, 0.85], glow: 6 }
    : { color: [0.55, 0.56, 0.58], gloss: 0.2 }
  const tail: Finish = { color: [0.35, 0.01, 0.01], gloss: 0.05, glow: lightsOn ? 2.5 : 0 }
  const lampTop = frontTop - 0.02
  const lampLow = frontTop - 0.16 - shape[2] * 0.06
  for (const side of [-1, 1] as const) {
    const from = side * w * 0.52
    const to = side * w * 0.86
    addBox(
      mesh,
      [Math.min(from, to), lampLow, front - 0.2],
      [Math.max(from, to), lampTop, front + 0.015],
      lamp,
    )
    const rearFrom = side * w * (shape[2] < 0.5 ? 0.6 : 0.72)
    const rearTo = side * w * 0.9
    const rearLow = rearTop - 0.2 - shape[1] * 0.2
    addBox(
      mesh,
      [Math.min(rearFrom, rearTo), rearLow, rear - 0.015],
      [Math.max(rearFrom, rearTo), rearTop - 0.02, rear + 0.15],
      tail,
    )
    const mirror = side * (w + 0.14)
    const root = side * (w - 0.1)
    addBox(
      mesh,
      [Math.min(mirror, root), belt, mirrorZ - 0.08],
      [Math.max(mirror, root), belt + 0.15, mirrorZ + 0.05],
      { color: paint, gloss: 0.05 },
    )
  }
  const plate: Finish = { color: [0.6, 0.6, 0.55] }
  const dark: Finish = { color: [0.012, 0.012, 0.013], gloss: 0.03 }
  addFace(
    mesh,
    { z: front + 0.012, halfWidth: w * 0.48, low: lampLow - 0.08, high: lampTop - 0.03, way: 1 },
    dark,
  )
  addFace(
    mesh,
    { z: front + 0.012, halfWidth: w * 0.8, low, high: low + 0.14, way: 1 },
    { color: second, gloss: 0.03 },
  )
  addFace(mesh, { z: front + 0.02, halfWidth: 0.26, low: low + 0.12, high: low + 0.23, way: 1 }, plate)
  addFace(
    mesh,
    { z: rear - 0.012, halfWidth: w * 0.85, low, high: low + 0.16, way: -1 },
    { color: second, gloss: 0.03 },
  )
  addFace(mesh, { z: rear - 0.02, halfWidth: 0.26, low: low + 0.22, high: low + 0.33, way: -1 }, plate)
  addBox(mesh, [-w * 0.86, 0.14, rear + 0.3], [w * 0.86, low + 0.05, front - 0.3], ARCH)
}

interface Face {
  z: number
  halfWidth: number
  low: number
  high: number
  way: -1 | 1
}

function addFace(mesh: Mesh, { z, halfWidth: w, low, high, way }: Face, finish: Finish): void {
  addQuad(
    mesh,
    [
      [-w, low, z],
      [w, low, z],
      [w, high, z],
      [-w, high, z],
    ],
    finish,
    [0, low, z - way],
  )
}

/** A part of a face: shares along it and up it. */
export interface PanePlace {
  from: number
  to: number
  low: number
  high: number
}

/** A part of a four-cornered face, two centimetres before it. */
export function paneOf(
  corners: readonly [Point, Point, Point, Point],
  { from, to, low, high }: PanePlace,
  inside: Point,
): [Point, Point, Point, Point] {
  const [a, b, c, d] = corners
  const at = (s: number, t: number): Point => {
    const point = [0, 1, 2].map((k) => {
      const bottom = a[k]! + (b[k]! - a[k]!) * s
      const upper = d[k]! + (c[k]! - d[k]!) * s
      return bottom + (upper - bottom) * t
    })
    const away = [point[0]! - inside[0], 0.1, point[2]! - inside[2]] as const
    const scale = 0.02 / Math.hypot(...away)
    return [point[0]! + away[0] * scale, point[1]! + away[1] * scale, point[2]! + away[2] * scale]
  }
  return [at(from, low), at(to, low), at(to, high), at(from, high)]
}
