import type { Random } from '../random.ts'
import { addBall, addBox, addQuad, addTube, createMesh, type Mesh, type Rgb } from '../raster/mesh.ts'
import type { Placement } from '../raster/rasteriser.ts'
import type { Footprint } from '../raster/shadows.ts'

type Point = readonly [number, number, number]

/** Something that stands still and may hide what is behind it. */
export interface Prop {
  mesh: Mesh
  placement: Placement
  footprint: Footprint
}

export const SMALL_PROPS = [
  'bollard',
  'cone',
  'bin',
  'sign',
  'bush',
  'post',
  'tripod',
  'hydrant',
  'kiosk',
  'bench',
  'box',
] as const
export type SmallProp = (typeof SMALL_PROPS)[number]

const UP_SIDE: Point = [1, 0, 0]

function pole(
  mesh: Mesh,
  at: { x: number; z: number; from: number; to: number },
  radius: number,
  color: Rgb,
): void {
  const ring = (y: number) => ({ at: [at.x, y, at.z] as Point, wide: radius, deep: radius, color })
  addTube(mesh, [ring(at.from), ring((at.from + at.to) / 2), ring(at.to)], UP_SIDE, 7)
}

/** Street furniture; several kinds are as high as a person and must not be taken for one. */
export function smallProp(kind: SmallProp, placement: Placement, random: Random): Prop {
  const mesh = createMesh()
  const grey = random.between(0.02, 0.4)
  const metal: Rgb = [grey, grey, grey * 1.05]
  const paint: Rgb = random.pick([
    [0.4, 0.02, 0.02],
    [0.02, 0.1, 0.3],
    [0.02, 0.18, 0.06],
    [0.6, 0.35, 0.02],
    metal,
    metal,
  ])
  const prop = (halfWidth: number, halfLength = halfWidth): Prop => ({
    mesh,
    placement,
    footprint: { halfWidth, halfLength },
  })
  if (kind === 'bollard') {
    pole(mesh, { x: 0, z: 0, from: 0, to: random.between(0.7, 1.1) }, random.between(0.06, 0.13), paint)
    return prop(0.15)
  }
  if (kind === 'cone') {
    const orange: Rgb = [0.75, 0.16, 0.02]
    const ring = (y: number, radius: number, color: Rgb) => ({
      at: [0, y, 0] as Point,
      wide: radius,
      deep: radius,
      color,
    })
    addBox(mesh, [-0.2, 0, -0.2], [0.2, 0.05, 0.2], { color: orange })
    addTube(
      mesh,
      [
        ring(0.05, 0.15, orange),
        ring(0.28, 0.1, orange),
        ring(0.29, 0.1, [0.7, 0.7, 0.7]),
        ring(0.42, 0.07, [0.7, 0.7, 0.7]),
        ring(0.43, 0.07, orange),
        ring(0.68, 0.025, orange),
      ],
      UP_SIDE,
      8,
    )
    return prop(0.2)
  }
  if (kind === 'bin') {
    pole(mesh, { x: 0, z: 0, from: 0.05, to: random.between(0.8, 1.15) }, random.between(0.22, 0.32), paint)
    return prop(0.3)
  }
  if (kind === 'sign') {
    const high = random.between(2, 2.8)
    pole(mesh, { x: 0, z: 0, from: 0, to: high }, 0.035, [0.3, 0.3, 0.3])
    const w = random.between(0.2, 0.45)
    addBox(mesh, [-w, high - random.between(0.4, 0.9), 0.04], [w, high, 0.07], { color: paint })
    return prop(0.1)
  }
  if (kind === 'post') {
    const high = random.between(1.2, 2)
    pole(mesh, { x: 0, z: 0, from: 0, to: high }, random.between(0.05, 0.2), metal)
    if (random.chance(0.5)) addBall(mesh, [0, high + 0.1, 0], [0.16, 0.18, 0.16], () => paint, 7)
    return prop(0.2)
  }
  if (kind === 'hydrant') {
    pole(mesh, { x: 0, z: 0, from: 0, to: 0.7 }, 0.11, paint)
    addBall(mesh, [0, 0.72, 0], [0.14, 0.12, 0.14], () => paint, 7)
    return prop(0.18)
  }
  if (kind === 'tripod') {
    for (let k = 0; k < 3; k++) {
      const angle = (k / 3) * 2 * Math.PI
      const foot: Point = [Math.sin(angle) * 0.4, 0, Math.cos(angle) * 0.4]
      addTube(
        mesh,
        [
          { at: foot, wide: 0.02, deep: 0.02, color: [0.02, 0.02, 0.02] },
          { at: [0, 1.2, 0], wide: 0.025, deep: 0.025, color: [0.02, 0.02, 0.02] },
        ],
        UP_SIDE,
        5,
      )
    }
    addBox(mesh, [-0.08, 1.2, -0.1], [0.08, 1.4, 0.1], { color: [0.03, 0.03, 0.03] })
    return prop(0.3)
  }
  if (kind === 'bench') {
    const wood: Rgb = [0.18, 0.1, 0.05]
    addBox(mesh, [-0.9, 0.4, -0.22], [0.9, 0.46, 0.22], { color: wood })
    addBox(mesh, [-0.9, 0.5, -0.26], [0.9, 0.85, -0.22], { color: wood })
    for (const x of [-0.75, 0.75]) addBox(mesh, [x - 0.05, 0, -0.2], [x + 0.05, 0.4, 0.2], { color: metal })
    return prop(0.9, 0.3)
  }
  if (kind === 'box') {
    const [w, h, d] = [random.between(0.3, 0.9), random.between(0.6, 1.9), random.between(0.2, 0.6)]
    addBox(mesh, [-w, 0, -d], [w, h, d], { color: paint })
    return prop(w, d)
  }
  if (kind === 'kiosk') {
    const [w, h, d] = [random.between(0.8, 1.6), random.between(2.1, 2.7), random.between(0.5, 1)]
    addBox(mesh, [-w, 0, -d], [w, h, d], { color: paint })
    for (const side of [-1, 1])
      addQuad(
        mesh,
        [
          [-w * 0.8, 0.6, side * (d + 0.02)],
          [w * 0.8, 0.6, side * (d + 0.02)],
          [w * 0.8, h * 0.85, side * (d + 0.02)],
          [-w * 0.8, h * 0.85, side * (d + 0.02)],
        ],
        { color: [0.02, 0.03, 0.03], gloss: 0.15 },
        [0, 1, 0],
      )
    return prop(w, d)
  }
  const size = random.between(0.4, 1.1)
  addLeaves(
    mesh,
    {
      centre: [0, size * 0.8, 0],
      radii: [size * 1.1, size * 0.85, size * 1.1],
      count: 220,
      leafM: size * 0.2,
    },
    leafColor(random),
    random,
  )
  return prop(size)
}

function leafColor(random: Random): Rgb {
  const level = random.between(0.03, 0.11)
  return random.chance(0.15)
    ? [level * 1.6, level * 0.9, level * 0.2]
    : [level * random.between(0.45, 0.9), level, level * random.between(0.2, 0.5)]
}

interface Crown {
  centre: Point
  radii: Point
  count: number
  leafM: number
}

function addLeaves(mesh: Mesh, { centre, radii, count, leafM }: Crown, color: Rgb, random: Random): void {
  for (let k = 0; k < count; k++) {
    const [nx, ny, nz] = [random.normal(), random.normal(), random.normal()]
    const length = Math.hypot(nx, ny, nz) || 1
    const depth = random.between(0.55, 1)
    const [x, y, z] = [
      centre[0] + (nx / length) * radii[0] * depth,
      centre[1] + (ny / length) * radii[1] * depth,
      centre[2] + (nz / length) * radii[2] * depth,
    ]
    const level = random.between(0.7, 1.2) * (0.75 + 0.35 * (ny / length))
    const finish = { color: [color[0] * level, color[1] * level, color[2] * level] as Rgb }
    const corner = (): Point => [
      x + random.between(-leafM, leafM),
      Math.max(0, y + random.between(-leafM, leafM)),
      z + random.between(-leafM, leafM),
    ]
    addQuad(mesh, [corner(), corner(), corner(), corner()], finish, centre)
  }
}

/** A tree in leaf or bare. */
export function tree(placement: Placement, random: Random): Prop {
  const mesh = createMesh()
  const high = random.between(4, 9)
  const bark: Rgb = [0.06, 0.045, 0.032]
  const trunk = random.between(0.1, 0.24)
  const crownAt = high * 0.45
  pole(mesh, { x: 0, z: 0, from: 0, to: crownAt + 0.6 }, trunk, bark)
  if (random.chance(0.25)) {
    for (let k = 0; k < 26; k++) {
      const angle = random.between(0, 7)
      const from: Point = [0, random.between(crownAt * 0.8, crownAt + 0.6), 0]
      const reach = random.between(0.5, high * 0.28)
      const to: Point = [
        Math.sin(angle) * reach,
        from[1] + random.between(0.5, high * 0.5),
        Math.cos(angle) * reach,
      ]
      addTube(
        mesh,
        [
          { at: from, wide: 0.05, deep: 0.05, color: bark },
          { at: to, wide: 0.012, deep: 0.012, color: bark },
        ],
        [0.7, 0, 0.7],
        4,
      )
    }
  } else {
    const color = leafColor(random)
    const wide = high * random.between(0.22, 0.36)
    addLeaves(
      mesh,
      { centre: [0, high * 0.7, 0], radii: [wide, high * 0.32, wide], count: 900, leafM: 0.36 },
      color,
      random,
    )
  }
  return { mesh, placement, footprint: { halfWidth: trunk * 2, halfLength: trunk * 2 } }
}

/** A lamp post, lit or not; the head is over its +x side. */
export function lampPost(placement: Placement, heightM: number, glow: number): Prop {
  const mesh = createMesh()
  const metal: Rgb = [0.12, 0.13, 0.13]
  pole(mesh, { x: 0, z: 0, from: 0, to: heightM }, 0.075, metal)
  addTube(
    mesh,
    [
      { at: [0, heightM, 0], wide: 0.05, deep: 0.05, color: metal },
      { at: [1.2, heightM + 0.25, 0], wide: 0.04, deep: 0.04, color: metal },
    ],
    [0, 0, 1],
    6,
  )
  addBox(mesh, [0.9, heightM + 0.14, -0.13], [1.6, heightM + 0.26, 0.13], { color: [0.7, 0.66, 0.55], glow })
  return { mesh, placement, footprint: { halfWidth: 0.12, halfLength: 0.12 } }
}

/** A fence, a railing or a hedge along its own x axis. */
export function fence(placement: Placement, lengthM: number, random: Random): Prop {
  const mesh = createMesh()
  const level = random.between(0.03, 0.4)
  const color: Rgb = random.chance(0.3) ? [level, level * 0.7, level * 0.45] : [level, level, level]
  const high = random.between(0.8, 1.8)
  const kind = random.next()
  const half = lengthM / 2
  if (kind < 0.3) {
    for (let x = -half; x < half; x += 0.7)
      addLeaves(
        mesh,
        { centre: [x, high * 0.45, 0], radii: [0.5, high * 0.5, 0.4], count: 34, leafM: 0.24 },
        leafColor(random),
        random,
      )
  } else if (kind < 0.5) {
    for (let x = -half; x < half; x += 1) {
      const shade = random.between(0.85, 1.1)
      addBox(mesh, [x, 0, -0.1], [x + 1, high * 0.7, 0.1], {
        color: [color[0] * shade, color[1] * shade, color[2] * shade],
      })
    }
  } else {
    const pitch = random.pick([0.16, 0.3, 1.5])
    for (let x = -half; x <= half; x += pitch)
      addBox(mesh, [x - 0.02, 0, -0.02], [x + 0.02, high, 0.02], { color })
    for (const y of [0.25, high - 0.04])
      for (let x = -half; x < half; x += 2) addBox(mesh, [x, y, -0.025], [x + 2, y + 0.05, 0.025], { color })
  }
  return { mesh, placement, footprint: { halfWidth: half, halfLength: 0.12 } }
}
