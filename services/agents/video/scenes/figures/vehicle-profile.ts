import type { Body, VehicleAppearance } from './vehicle-appearance.ts'

/**
 * The side view of a body: heights as shares of the whole height, places along it as shares of the length, from the
 * rear (0) to the front (1).
 */
export interface Profile {
  /** Place, height of the lower body's upper edge, share of the width. */
  hull: readonly (readonly [at: number, top: number, wide: number])[]
  /** Feet of the rear and the front window at the belt, then their upper ends at the roof. */
  cabin: readonly [rearFoot: number, frontFoot: number, rearTop: number, frontTop: number]
  /** Side windows reach from here to there along the cabin; none behind is a panel van. */
  windows: readonly (readonly [from: number, to: number])[]
  rearWindow: boolean
  axles: readonly [rear: number, front: number]
}

/** Where the body begins above the ground, as a share of the height. */
export const SILL = 0.16

const CAR_WINDOWS = [
  [0.06, 0.5],
  [0.54, 0.94],
] as const

/** The side view of a kind of body, its lines moved a little. */
export function profileOf(body: Body, [a, b]: VehicleAppearance['shape']): Profile {
  const car = {
    windows: CAR_WINDOWS,
    rearWindow: true,
    axles: [0.2, 0.81] as const,
  }
  const front = [
    [0.72, 0.62, 1],
    [0.9, 0.55 + a * 0.04, 0.97],
    [0.97, 0.5, 0.9],
    [1, 0.38, 0.8],
  ] as const
  if (body === 'sedan') {
    const tail = [
      [0, 0.46, 0.8],
      [0.03, 0.62, 0.92],
      [0.16, 0.66, 0.98],
      [0.3, 0.65, 1],
    ] as const
    return { ...car, hull: [...tail, ...front], cabin: [0.13, 0.74, 0.27 + a * 0.03, 0.54 + b * 0.04] }
  }
  if (body === 'pickup') {
    const tail = [
      [0, 0.5, 0.94],
      [0.02, 0.58, 0.98],
      [0.3, 0.58, 1],
    ] as const
    return { ...car, hull: [...tail, ...front], cabin: [0.38, 0.76, 0.42, 0.6], axles: [0.22, 0.82] }
  }
  if (body === 'van' || body === 'minibus') {
    const snout = [
      [0.8, 0.52, 1],
      [0.93, 0.47, 0.96],
      [0.985, 0.4, 0.88],
      [1, 0.3, 0.8],
    ] as const
    const hull = [[0, 0.45, 0.94], [0.015, 0.52, 0.98], [0.3, 0.52, 1], ...snout] as const
    const windows =
      a < 0.6
        ? ([[0.74, 0.95]] as const)
        : ([
            [0.05, 0.34],
            [0.38, 0.7],
            [0.74, 0.95],
          ] as const)
    return { hull, cabin: [0.01, 0.9, 0.03, 0.74], windows, rearWindow: b < 0.7, axles: [0.2, 0.82] }
  }
  if (body === 'bus') {
    const hull = [
      [0, 0.34, 0.97],
      [0.01, 0.38, 1],
      [0.5, 0.38, 1],
      [0.99, 0.38, 1],
      [1, 0.34, 0.97],
    ] as const
    const windows = Array.from({ length: 7 }, (_, i) => [0.02 + i * 0.14, 0.02 + i * 0.14 + 0.125] as const)
    return { hull, cabin: [0.004, 0.996, 0.01, 0.985], windows, rearWindow: true, axles: [0.24, 0.76] }
  }
  // Hatchback, estate, SUV: the rear window falls near the tail.
  const tail = [
    [0, 0.42, 0.84],
    [0.02, 0.6, 0.94],
    [0.12, 0.65, 0.99],
    [0.3, 0.65, 1],
  ] as const
  const slope = body === 'hatchback' ? 0.13 + a * 0.06 : 0.06 + a * 0.05
  return { ...car, hull: [...tail, ...front], cabin: [0.02, body === 'hatchback' ? 0.77 : 0.73, slope, 0.56] }
}

/** Height of the belt line, under the windows, as a share of the whole height. */
export function beltOf({ hull }: Profile): number {
  return hull.find(([at]) => at >= 0.3)![1]
}
