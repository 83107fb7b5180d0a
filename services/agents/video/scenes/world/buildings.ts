import type { Random } from '../random.ts'
import { addBox, addQuad, createMesh, type Mesh, type Rgb } from '../raster/mesh.ts'
import type { Placement } from '../raster/rasteriser.ts'
import type { Prop } from './props.ts'

type Point = readonly [number, number, number]

interface Style {
  wall: Rgb
  trim: Rgb
  bayM: number
  floorM: number
  /** Window as shares of a bay and of a floor. */
  window: readonly [wide: number, high: number]
  shops: boolean
  litShare: number
}

export interface BuildingSize {
  widthM: number
  depthM: number
  floors: number
}

/** A house, an office or a hall; its front is its −z side, seen from the street. */
export function building(
  placement: Placement,
  size: BuildingSize,
  options: { random: Random; night: boolean },
): Prop {
  const { random, night } = options
  const mesh = createMesh()
  const style = styleOf(random, night)
  const { widthM, depthM, floors } = size
  const [w, d] = [widthM / 2, depthM / 2]
  const high = floors * style.floorM
  addWall(mesh, { from: [-w, 0, -d], to: [w, 0, -d], floors, inside: [0, 2, 0] }, style, random)
  addWall(mesh, { from: [-w, 0, d], to: [-w, 0, -d], floors, inside: [0, 2, 0] }, style, random)
  addWall(mesh, { from: [w, 0, d], to: [w, 0, -d], floors, inside: [0, 2, 0] }, style, random)
  addWall(mesh, { from: [-w, 0, d], to: [w, 0, d], floors, inside: [0, 2, 0] }, style, random)
  addBox(mesh, [-w - 0.2, high, -d - 0.2], [w + 0.2, high + 0.35, d + 0.2], { color: style.trim })
  return { mesh, placement, footprint: { halfWidth: w, halfLength: d } }
}

function styleOf(random: Random, night: boolean): Style {
  const walls: readonly Rgb[] = [
    [0.24, 0.11, 0.07],
    [0.3, 0.16, 0.1],
    [0.5, 0.45, 0.36],
    [0.36, 0.36, 0.35],
    [0.6, 0.58, 0.53],
    [0.17, 0.16, 0.15],
    [0.42, 0.34, 0.24],
    [0.25, 0.3, 0.34],
  ]
  const wall = random.pick(walls)
  const shade = random.between(0.75, 1.2)
  return {
    wall: [wall[0] * shade, wall[1] * shade, wall[2] * shade],
    trim: random.chance(0.5) ? [0.5, 0.5, 0.48] : [0.06, 0.06, 0.06],
    bayM: random.between(1.8, 3.6),
    floorM: random.between(2.8, 3.6),
    window: [random.between(0.35, 0.85), random.between(0.4, 0.68)],
    shops: random.chance(0.4),
    litShare: night ? random.between(0.05, 0.5) : 0,
  }
}

interface Wall {
  from: Point
  to: Point
  floors: number
  inside: Point
}

function addWall(mesh: Mesh, { from, to, floors, inside }: Wall, style: Style, random: Random): void {
  const length = Math.hypot(to[0] - from[0], to[2] - from[2])
  const bays = Math.max(1, Math.round(length / style.bayM))
  const outX = Math.sign(from[0] + to[0]) * (Math.abs(from[0] - to[0]) < 0.01 ? 0.03 : 0)
  const outZ = Math.sign(from[2] + to[2]) * (Math.abs(from[2] - to[2]) < 0.01 ? 0.03 : 0)
  const at = (s: number, y: number, out: number): Point => [
    from[0] + (to[0] - from[0]) * s + outX * out,
    y,
    from[2] + (to[2] - from[2]) * s + outZ * out,
  ]
  const rect = (
    s0: number,
    s1: number,
    y0: number,
    y1: number,
    out: number,
  ): readonly [Point, Point, Point, Point] => [
    at(s0, y0, out),
    at(s1, y0, out),
    at(s1, y1, out),
    at(s0, y1, out),
  ]
  for (let floor = 0; floor < floors; floor++) {
    for (let bay = 0; bay < bays; bay++) {
      const [s0, s1] = [bay / bays, (bay + 1) / bays]
      const [y0, y1] = [floor * style.floorM, (floor + 1) * style.floorM]
      const shade = random.between(0.93, 1.06)
      addQuad(
        mesh,
        rect(s0, s1, y0, y1, 0),
        { color: [style.wall[0] * shade, style.wall[1] * shade, style.wall[2] * shade] },
        inside,
      )
      const shop = floor === 0 && style.shops
      if (floor === 0 && !shop && random.chance(0.35)) continue
      const wide = shop ? 0.9 : style.window[0]
      const high = shop ? 0.72 : style.window[1]
      const [m, low] = [(1 - wide) / 2, shop ? 0.08 : 0.28]
      const [w0, w1] = [s0 + (s1 - s0) * m, s1 - (s1 - s0) * m]
      const [v0, v1] = [y0 + style.floorM * low, y0 + style.floorM * (low + high)]
      const edge = 0.07 / length
      addQuad(mesh, rect(w0 - edge, w1 + edge, v0 - 0.08, v1 + 0.06, 1), { color: style.trim }, inside)
      const lit = random.chance(style.litShare)
      const level = random.between(0.01, 0.05)
      const glass: Rgb = lit ? [0.5, 0.38, 0.2] : [level, level * 1.05, level * 1.1]
      addQuad(
        mesh,
        rect(w0, w1, v0, v1, 2),
        { color: glass, gloss: 0.14, glow: lit ? random.between(0.4, 1.4) : 0 },
        inside,
      )
      if (!shop && wide > 0.5)
        addQuad(
          mesh,
          rect((w0 + w1) / 2 - edge / 2, (w0 + w1) / 2 + edge / 2, v0, v1, 3),
          { color: style.trim },
          inside,
        )
    }
  }
}
