import { addBall, addBox, addTube, type Mesh, type Rgb } from '../raster/mesh.ts'
import type { PersonAppearance } from './person-appearance.ts'

type Point = readonly [number, number, number]

export interface HeadPlace {
  /** Lower end of the neck. */
  at: Point
  yaw: number
  detail: number
}

/** Head with hair, cap or hood. */
export function addHead(mesh: Mesh, appearance: PersonAppearance, { at, yaw, detail }: HeadPlace): void {
  const { heightM: h, skin, hair, hairStyle, top } = appearance
  // Heads of children are larger for their height.
  const size = h * (h < 1.45 ? 0.082 : 0.068)
  const forward = Math.cos(yaw)
  const centre: Point = [
    at[0] + Math.sin(yaw) * size * 0.1,
    at[1] + size * 1.08,
    at[2] + size * 0.22 * forward,
  ]
  const radii: Point = [size * 0.74, size * 1.02, size * 0.9]
  const shade: Rgb = [skin[0] * 0.8, skin[1] * 0.76, skin[2] * 0.74]
  addBall(
    mesh,
    centre,
    radii,
    (up, front) => (front * forward > 0.5 && up > -0.05 && up < 0.3 ? shade : skin),
    detail,
  )
  if (hairStyle === 'bald') return
  const covered = hairStyle === 'hood' ? top : hairStyle === 'cap' ? appearance.bagColor : hair
  const behind: Point = [centre[0], centre[1] + size * 0.14, centre[2] - size * 0.13]
  const cap: Point = [radii[0] * 1.08, radii[1] * 0.98, radii[2] * 1.02]
  addBall(mesh, behind, cap, () => covered, detail)
  if (hairStyle === 'long') {
    const low: Point = [centre[0], centre[1] - size * 0.6, centre[2] - size * 0.45]
    addBall(mesh, low, [radii[0] * 1.0, radii[1] * 1.05, radii[2] * 0.5], () => hair, detail)
  }
  if (hairStyle === 'bun')
    addBall(
      mesh,
      [centre[0], centre[1] + size * 0.5, centre[2] - size],
      [size * 0.35, size * 0.35, size * 0.35],
      () => hair,
      6,
    )
  if (hairStyle === 'hood')
    addBall(
      mesh,
      [centre[0], centre[1] - size * 0.5, centre[2] - size * 0.3],
      [size * 0.95, size * 0.9, size * 0.85],
      () => top,
      detail,
    )
  if (hairStyle === 'cap') {
    const y = centre[1] + size * 0.38
    addBox(
      mesh,
      [-size * 0.5, y, centre[2] + size * 0.5],
      [size * 0.5, y + size * 0.09, centre[2] + size * 1.45],
      { color: covered },
    )
  }
}

export interface BagPlace {
  hipY: number
  shoulderY: number
  lean: number
  segments: number
}

/** What a person carries. */
export function addBag(
  mesh: Mesh,
  { heightM: h, girth, bag, bagColor: color }: PersonAppearance,
  place: BagPlace,
): void {
  const { hipY, shoulderY, lean, segments } = place
  const back = -h * 0.066 * girth
  const side: Point = [1, 0, 0]
  if (bag === 'backpack') {
    const z = (y: number) => (y - hipY) * lean + back - h * 0.035
    const ring = (y: number, wide: number, deep: number) => ({
      at: [0, y, z(y)] as Point,
      wide: h * wide,
      deep: h * deep,
      color,
    })
    const rings = [
      ring(hipY + h * 0.07, 0.07, 0.045),
      ring(hipY + h * 0.12, 0.085, 0.065),
      ring(shoulderY - h * 0.05, 0.08, 0.05),
      ring(shoulderY, 0.05, 0.03),
    ]
    addTube(mesh, rings, side, segments + 2)
  }
  if (bag === 'shoulder') {
    const x = h * 0.125 * girth
    addBox(mesh, [x - h * 0.03, hipY - h * 0.1, -h * 0.09], [x + h * 0.03, hipY + h * 0.05, h * 0.09], {
      color,
    })
  }
  if (bag === 'hand') {
    const x = -h * 0.14 * girth
    addBox(mesh, [x - h * 0.025, hipY - h * 0.22, -h * 0.08], [x + h * 0.025, hipY - h * 0.07, h * 0.08], {
      color,
    })
  }
  if (bag === 'suitcase') {
    const x = h * 0.17 * girth
    addBox(mesh, [x - h * 0.07, h * 0.03, -h * 0.22], [x + h * 0.07, h * 0.34, -h * 0.1], {
      color,
      gloss: 0.04,
    })
    addTube(
      mesh,
      [
        { at: [x, h * 0.34, -h * 0.16], wide: 0.012, deep: 0.012, color: [0.1, 0.1, 0.1] },
        { at: [x, h * 0.46, -h * 0.04], wide: 0.012, deep: 0.012, color: [0.1, 0.1, 0.1] },
      ],
      side,
      5,
    )
  }
}
