import type { Random } from '../random.ts'
import type { Rgb } from '../raster/mesh.ts'

export const BODIES = [
  'sedan',
  'hatchback',
  'estate',
  'suv',
  'van',
  'minibus',
  'pickup',
  'truck',
  'bus',
] as const
export type Body = (typeof BODIES)[number]

/** How a vehicle looks: lengths in metres, colours linear. */
export interface VehicleAppearance {
  body: Body
  lengthM: number
  widthM: number
  heightM: number
  paint: Rgb
  /** Colour of the load box, the sills, the bumpers. */
  second: Rgb
  glass: Rgb
  wheelM: number
  rim: Rgb
  lightsOn: boolean
  /** Moves the lines of the body a little, 0–1 each. */
  shape: readonly [number, number, number]
}

const SIZES: Record<Body, readonly [length: number, width: number, height: number]> = {
  sedan: [4.6, 1.8, 1.45],
  hatchback: [4.0, 1.74, 1.47],
  estate: [4.65, 1.8, 1.5],
  suv: [4.5, 1.86, 1.68],
  van: [4.9, 1.92, 1.98],
  minibus: [5.3, 1.98, 2.3],
  pickup: [5.2, 1.9, 1.8],
  truck: [7.2, 2.3, 3.1],
  bus: [11, 2.5, 3],
}
const COMMON: readonly Body[] = [
  'sedan',
  'sedan',
  'hatchback',
  'hatchback',
  'hatchback',
  'estate',
  'suv',
  'suv',
  'van',
  'van',
  'minibus',
  'pickup',
  'truck',
  'bus',
]

/** A vehicle of any kind; passenger cars are the most common. */
export function randomVehicleAppearance(random: Random, bodies: readonly Body[] = COMMON): VehicleAppearance {
  const body = random.pick(bodies)
  const [length, width, height] = SIZES[body]
  const white = random.chance(body === 'van' || body === 'truck' || body === 'minibus' ? 0.5 : 0.15)
  const paint: Rgb = white ? [0.74, 0.75, 0.75] : paintColor(random)
  const plastic = random.between(0.01, 0.04)
  return {
    body,
    lengthM: length * random.between(0.92, 1.08),
    widthM: width * random.between(0.96, 1.04),
    heightM: height * random.between(0.95, 1.06),
    paint,
    second:
      body === 'truck'
        ? random.chance(0.6)
          ? [0.65, 0.65, 0.63]
          : paintColor(random)
        : random.chance(0.5)
          ? paint
          : [plastic, plastic, plastic],
    glass: [0.012, 0.015, 0.018],
    wheelM: body === 'truck' || body === 'bus' ? 0.46 : random.between(0.3, 0.35),
    rim: random.chance(0.8) ? [0.3, 0.31, 0.32] : [0.04, 0.04, 0.04],
    lightsOn: false,
    shape: [random.next(), random.next(), random.next()],
  }
}

function paintColor(random: Random): Rgb {
  const kind = random.next()
  if (kind < 0.2) return [0.34, 0.35, 0.36]
  if (kind < 0.35) return [0.1, 0.105, 0.11]
  if (kind < 0.52) return [0.012, 0.012, 0.014]
  if (kind < 0.6) return [0.7, 0.7, 0.68]
  if (kind < 0.72) return [random.between(0.25, 0.5), 0.015, 0.012]
  if (kind < 0.88) return [0.012, random.between(0.03, 0.12), random.between(0.12, 0.4)]
  if (kind < 0.94) return [0.02, random.between(0.06, 0.2), 0.04]
  return [random.between(0.3, 0.6), random.between(0.2, 0.45), random.between(0.01, 0.3)]
}
