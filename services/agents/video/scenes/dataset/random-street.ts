import type { Random } from '../random.ts'
import type { Street } from '../renderer.ts'
import { building } from '../world/buildings.ts'
import { type Band, type CrossMarks, type Ground, type LaneLine, placeAt } from '../world/ground.ts'
import { DAYTIMES, type Daytime, lampColor, lightingOf, randomSensor } from '../world/lighting.ts'
import { asphalt, grass, gravel, kerb, paving } from '../world/materials.ts'
import { fence, lampPost, type Prop, SMALL_PROPS, smallProp, tree } from '../world/props.ts'

/** Where vehicles drive: a lane's middle across the street, and which way. */
export interface TrafficLane {
  u: number
  way: 1 | -1
}

/** A street with what an actor needs to know to be placed in it. */
export interface RandomStreet {
  street: Street
  lanes: readonly TrafficLane[]
  /** Middles of the strips at the kerb where vehicles are parked. */
  parking: readonly number[]
}

const DAYTIME_ODDS: readonly Daytime[] = [
  'day',
  'day',
  'day',
  'overcast',
  'overcast',
  'overcast',
  'dusk',
  'night',
]

/** A street, a square, a car park or a path through a park; no two are alike. */
export function randomStreet(random: Random): RandomStreet {
  const daytime = random.pick(random.chance(0.9) ? DAYTIME_ODDS : DAYTIMES)
  const plain = lightingOf(daytime, random)
  const layout = randomLayout(random)
  const { ground } = layout
  const props: Prop[] = []
  const lamps = []
  const night = daytime === 'night'
  const color = lampColor(daytime, random)
  const lampU = ground.bands.length > 1 ? ground.bands[0]!.toU - 0.6 : -4
  const spacing = random.between(12, 24)
  const lampCount = night ? 4 : random.int(0, 3)
  for (let k = 0; k < lampCount; k++) {
    const place = placeAt(
      ground,
      lampU + random.between(-0.3, 0.3),
      random.between(0, 8) + k * spacing - (ground.yaw > 1 ? spacing * 1.5 : 0),
    )
    const heightM = random.between(4.5, 7.5)
    props.push(lampPost({ ...place, yaw: ground.yaw }, heightM, night || daytime === 'dusk' ? 8 : 0))
    if (color[0] > 0)
      lamps.push({
        at: [place.x + 1, heightM, place.z] as const,
        color: [color[0] * 4, color[1] * 4, color[2] * 4] as const,
      })
  }
  addSurroundings(props, ground, { random, night })
  const lighting = { ...plain, lamps }
  const sensor = randomSensor(lighting, random)
  return { street: { ground, lighting, sensor, props }, lanes: layout.lanes, parking: layout.parking }
}

interface Layout {
  ground: Ground
  lanes: TrafficLane[]
  parking: number[]
}

function randomLayout(random: Random): Layout {
  const yaw = random.chance(0.5) ? random.between(1.1, 2) : random.between(-0.9, 0.9)
  const kind = random.next()
  const bend = random.chance(0.35)
    ? { bendM: random.between(0.5, 3), bendWaveM: random.between(6, 16) }
    : { bendM: 0, bendWaveM: 10 }
  const base = { yaw, ...bend, seedU: random.between(0, 400), stains: randomStains(random) }
  const centre = yaw > 1 ? -random.between(8, 22) : random.between(-8, 8)
  if (kind < 0.25) {
    // A square or a park: one or two kinds of ground, no lanes.
    const a = random.pick([asphalt, paving, paving, grass, gravel])(random)
    const b = random.pick([asphalt, paving, grass])(random)
    const bands: Band[] = random.chance(0.4)
      ? [{ toU: Infinity, material: a }]
      : [
          { toU: centre - 4, material: b },
          { toU: centre + 5, material: a },
          { toU: Infinity, material: b },
        ]
    return { ground: { ...base, bands, lines: [], marks: [] }, lanes: [{ u: centre, way: 1 }], parking: [] }
  }
  if (kind < 0.42) {
    const light = random.between(0.4, 0.95)
    const marks: CrossMarks[] = [
      {
        fromU: centre - 5,
        toU: centre,
        fromV: -60,
        toV: 90,
        pitchM: random.between(2.4, 2.9),
        halfWidthM: 0.06,
        along: 'v',
        light,
      },
    ]
    if (random.chance(0.6)) marks.push({ ...marks[0]!, fromU: centre + 6, toU: centre + 11 })
    const bands: Band[] = [{ toU: Infinity, material: asphalt(random) }]
    return {
      ground: { ...base, bands, lines: [], marks },
      lanes: [
        { u: centre + 2, way: 1 },
        { u: centre + 4.5, way: -1 },
      ],
      parking: [centre - 2.5, centre + 8.5],
    }
  }
  const laneM = random.between(2.9, 3.6)
  const count = random.pick([2, 2, 2, 3, 4])
  const half = (laneM * count) / 2
  const walk = random.between(1.5, 5)
  const road = asphalt(random)
  const beyond = random.pick([grass, paving, gravel, asphalt])(random)
  const stone = kerb(random)
  const pavement = paving(random)
  const bands: Band[] = [
    { toU: centre - half - walk, material: beyond },
    { toU: centre - half - 0.18, material: pavement },
    { toU: centre - half, material: stone },
    { toU: centre + half, material: road },
    { toU: centre + half + 0.18, material: stone },
    { toU: centre + half + walk, material: pavement },
    { toU: Infinity, material: random.chance(0.5) ? beyond : grass(random) },
  ]
  const light = random.between(0.3, 0.95)
  const lines: LaneLine[] = []
  for (let k = 1; k < count; k++)
    lines.push({
      u: centre - half + k * laneM,
      halfWidthM: 0.06,
      dashM: random.chance(0.7) ? 3 : 0,
      gapM: 4,
      light,
    })
  if (random.chance(0.4))
    for (const side of [-1, 1])
      lines.push({ u: centre + side * (half - 0.25), halfWidthM: 0.06, dashM: 0, gapM: 0, light })
  const zebraV = random.between(4, 25)
  const marks: CrossMarks[] = random.chance(0.3)
    ? [
        {
          fromU: centre - half + 0.3,
          toU: centre + half - 0.3,
          fromV: zebraV,
          toV: zebraV + 3,
          pitchM: 1,
          halfWidthM: 0.25,
          along: 'u',
          light,
        },
      ]
    : []
  const lanes = Array.from(
    { length: count },
    (_, k): TrafficLane => ({ u: centre - half + (k + 0.5) * laneM, way: k < count / 2 ? -1 : 1 }),
  )
  return { ground: { ...base, bands, lines, marks }, lanes, parking: [centre - half - 1, centre + half + 1] }
}

function randomStains(random: Random): Ground['stains'] {
  return Array.from({ length: random.int(0, 8) }, () => ({
    u: random.between(-12, 12),
    v: random.between(2, 30),
    radiusM: random.between(0.2, 1.6),
    factor: random.chance(0.75) ? random.between(0.45, 0.85) : random.between(1.1, 1.5),
  }))
}

interface Surroundings {
  random: Random
  night: boolean
}

function addSurroundings(props: Prop[], ground: Ground, { random, night }: Surroundings): void {
  const outer =
    ground.bands.length > 2 ? [ground.bands[0]!.toU, ground.bands[ground.bands.length - 2]!.toU] : [-20, 12]
  const houses = random.chance(0.7) ? random.int(1, 6) : 0
  const setback = random.between(3, 16)
  for (let k = 0; k < houses; k++) {
    const size = { widthM: random.between(9, 26), depthM: random.between(8, 14), floors: random.int(1, 4) }
    const side = random.chance(0.7) ? 0 : 1
    const u = side === 0 ? outer[0]! - setback - size.depthM / 2 : outer[1]! + setback + size.depthM / 2
    const place = placeAt(ground, u, random.between(-40, 60))
    // Houses stand on the far side only, or the camera would be in one of them.
    if (Math.hypot(place.x, place.z) < 18 + size.widthM * 0.7) continue
    props.push(
      building({ ...place, yaw: ground.yaw + (side === 0 ? -Math.PI / 2 : Math.PI / 2) }, size, {
        random,
        night,
      }),
    )
  }
  const scatter = (near: number, far: number) => {
    const angle = random.between(-0.8, 0.8)
    const distance = near * (far / near) ** random.next()
    return {
      x: Math.sin(angle) * distance,
      z: Math.cos(angle) * distance,
      yaw: random.between(-Math.PI, Math.PI),
    }
  }
  for (let k = random.int(0, 5); k > 0; k--) props.push(tree(scatter(9, 60), random))
  for (let k = random.int(0, 9); k > 0; k--)
    props.push(smallProp(random.pick(SMALL_PROPS), scatter(5, 40), random))
  for (let k = random.int(0, 2); k > 0; k--)
    props.push(
      fence(
        { ...scatter(12, 40), yaw: ground.yaw + (random.chance(0.7) ? Math.PI / 2 : 0) },
        random.between(6, 26),
        random,
      ),
    )
}
