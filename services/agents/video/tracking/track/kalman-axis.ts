import { z } from 'zod'

/**
 * A Kalman filter of one coordinate that moves with nearly constant velocity: [value, velocity, variance of the value,
 * covariance, variance of the velocity]; seconds and shares of the picture. The noise of a box's coordinates is taken as
 * independent, so four of these are the same as one filter of eight dimensions, without its matrices.
 */
export const axisSchema = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])
export type Axis = z.infer<typeof axisSchema>

/** At rest at the first measurement, as far as anybody knows. */
export function startAxis(value: number, noise: { value: number; velocity: number }): Axis {
  return [value, 0, noise.value ** 2, 0, noise.velocity ** 2]
}

/** Where it is `dt` seconds later; `drift`: how much the velocity may change in a second (standard deviation). Pure. */
export function predictAxis([value, velocity, a, b, c]: Axis, dt: number, drift: number): Axis {
  const q = drift * drift
  return [
    value + velocity * dt,
    velocity,
    a + 2 * b * dt + c * dt * dt + (q * dt ** 3) / 3,
    b + c * dt + (q * dt * dt) / 2,
    c + q * dt,
  ]
}

/** After a measurement with this standard deviation. Pure. */
export function updateAxis([value, velocity, a, b, c]: Axis, measured: number, deviation: number): Axis {
  const total = a + deviation * deviation
  const gain = a / total
  const velocityGain = b / total
  const surprise = measured - value
  return [
    value + gain * surprise,
    velocity + velocityGain * surprise,
    (1 - gain) * a,
    (1 - gain) * b,
    c - velocityGain * b,
  ]
}
