import { type Camera, createCamera } from '../camera.ts'
import type { Random } from '../random.ts'
import type { Street } from '../renderer.ts'
import { building } from '../world/buildings.ts'
import type { Band, Ground } from '../world/ground.ts'
import { lightingOf, randomSensor } from '../world/lighting.ts'
import { asphalt, grass, kerb, paving } from '../world/materials.ts'
import { fence, lampPost, type Prop, smallProp, tree } from '../world/props.ts'

/**
 * The square of the scenarios, as the camera sees it from above: its paved part lies before a street that runs from left
 * to right, houses stand behind. Distances from the camera in metres.
 */
export const SQUARE = {
  /** Kerbs of the street. */
  roadNear: 15,
  roadFar: 21.6,
  /** Middles of its lanes: the near one is driven to the right. */
  nearLane: 16.7,
  farLane: 19.9,
  /** Middle of the strip where cars are parked, beyond the far kerb. */
  parking: 23.2,
  farWalk: 25.6,
} as const

/** A camera on a mast, some six metres up: `turn` radians to the right of where it usually looks, `xM` metres to the right. */
export function squareCamera(
  size: { width: number; height: number },
  random: Random,
  { turn = 0, xM = 0 }: { turn?: number; xM?: number } = {},
): Camera {
  const heightM = random.between(5.7, 6.4)
  // Wide pictures and high ones see the same width of the square.
  return createCamera({
    ...size,
    heightM,
    pitch: random.between(0.37, 0.4),
    fov: 1.1,
    yaw: random.between(-0.02, 0.02) + turn,
    xM,
  })
}

/** The square in the light of a seed: day or an overcast sky, other houses, other stones. */
export function squareStreet(random: Random): Street {
  const daytime = random.pick(['day', 'overcast', 'day', 'overcast'] as const)
  const plain = lightingOf(daytime, random)
  const lighting = { ...plain, hazePerM: 0.001 }
  const sensor = randomSensor(lighting, random)
  return {
    ground: squareGround(random),
    lighting,
    sensor: {
      ...sensor,
      saturation: 1,
      noise: Math.min(2, sensor.noise),
      chromaNoise: Math.min(1, sensor.chromaNoise),
      blur: random.between(0, 0.25),
      lift: Math.min(0.03, sensor.lift),
      contrast: random.between(0.98, 1.12),
    },
    props: squareProps(random),
  }
}

function squareGround(random: Random): Ground {
  const stone = kerb(random)
  const road = asphalt(random)
  const pavement = paving(random)
  // The street runs along x: u counts towards the camera.
  const bands: Band[] = [
    { toU: -29, material: grass(random) },
    { toU: -SQUARE.parking - 1.3, material: pavement },
    { toU: -SQUARE.roadFar - 0.15, material: asphalt(random) },
    { toU: -SQUARE.roadFar, material: stone },
    { toU: -SQUARE.roadNear, material: road },
    { toU: -SQUARE.roadNear + 0.18, material: stone },
    { toU: Infinity, material: { ...pavement, slabM: random.pick([0.6, 1, 1.5]) } },
  ]
  const light = random.between(0.6, 0.95)
  const middle = -(SQUARE.nearLane + SQUARE.farLane) / 2
  return {
    yaw: Math.PI / 2,
    bendM: 0,
    bendWaveM: 10,
    seedU: random.between(0, 400),
    bands,
    lines: [{ u: middle, halfWidthM: 0.06, dashM: 3, gapM: 4, light }],
    marks: [],
    stains: Array.from({ length: 6 }, () => ({
      u: -random.between(7, 22),
      v: random.between(-9, 9),
      radiusM: random.between(0.2, 0.9),
      factor: random.between(0.55, 0.9),
    })),
  }
}

function squareProps(random: Random): Prop[] {
  const props: Prop[] = []
  let x = -46
  while (x < 50) {
    const size = { widthM: random.between(12, 22), depthM: 10, floors: random.int(2, 4) }
    const place = { x: x + size.widthM / 2, z: 35 + size.depthM / 2, yaw: 0 }
    props.push(building(place, size, { random, night: false }))
    x += size.widthM + random.pick([0, 0.5, 4])
  }
  for (const at of [-19, -9.5, 13, 21])
    props.push(tree({ x: at + random.between(-1, 1), z: 30, yaw: random.between(0, 6) }, random))
  props.push(lampPost({ x: 10.5, z: 14.3, yaw: Math.PI / 2 }, 5.5, 0))
  props.push(lampPost({ x: -10.6, z: 14.3, yaw: Math.PI / 2 }, 5.5, 0))
  for (const at of [-2.4, 0, 2.4]) props.push(smallProp('bollard', { x: at, z: 14.7, yaw: 0 }, random.fork()))
  props.push(smallProp('bin', { x: -9.2, z: 10, yaw: 0 }, random))
  props.push(smallProp('bench', { x: -9, z: 13.9, yaw: Math.PI }, random))
  props.push(fence({ x: 0, z: 28.6, yaw: 0 }, 26, random))
  props.push(smallProp('sign', { x: 3.1, z: 14.6, yaw: Math.PI }, random))
  return props
}
