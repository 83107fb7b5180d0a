import { z } from 'zod'
import type { Box } from '#schemas/geometry.ts'

/**
 * A Kalman filter of one coordinate that moves with nearly constant velocity: [value, velocity, variance of the value,
 * covariance, variance of the velocity]; seconds and shares of the picture. The noise of a box's coordinates is taken as
 * independent, so four of these are the same as one filter of eight dimensions, without its matrices.
 */
export const axisFilterSchema = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])
export type AxisFilter = z.infer<typeof axisFilterSchema>

/** At rest at the first measurement, as far as anybody knows. */
export function initAxis(value: number, noise: { value: number; velocity: number }): AxisFilter {
  return [value, 0, noise.value ** 2, 0, noise.velocity ** 2]
}

/** Where it is `dt` seconds later; `velocityNoise`: how much the velocity may change in a second (standard deviation). Pure. */
export function predictAxis(
  [value, velocity, a, b, c]: AxisFilter,
  dt: number,
  velocityNoise: number,
): AxisFilter {
  const q = velocityNoise * velocityNoise
  return [
    value + velocity * dt,
    velocity,
    a + 2 * b * dt + c * dt * dt + (q * dt ** 3) / 3,
    b + c * dt + (q * dt * dt) / 2,
    c + q * dt,
  ]
}

/** After a measurement with this standard deviation. Pure. */
export function updateAxis(
  [value, velocity, a, b, c]: AxisFilter,
  measured: number,
  deviation: number,
): AxisFilter {
  const total = a + deviation * deviation
  const gain = a / total
  const velocityGain = b / total
  const innovation = measured - value
  return [
    value + gain * innovation,
    velocity + velocityGain * innovation,
    (1 - gain) * a,
    (1 - gain) * b,
    c - velocityGain * b,
  ]
}

/** Centre x, centre y, width, height. */
export const boxFilterSchema = z.tuple([
  axisFilterSchema,
  axisFilterSchema,
  axisFilterSchema,
  axisFilterSchema,
])
export type BoxFilter = z.infer<typeof boxFilterSchema>

/**
 * All noise is a share of the object's own size (√ of the box's area; of its width or height for these two): what is near
 * is large, moves far and is measured coarsely in the same measure. Standard deviations, per second where it is a speed.
 */
const NOISE = {
  /** Of a detector's box around what it should be. */
  position: 0.07,
  size: 0.1,
  /** Of the speed of what has just appeared. */
  initialVelocity: 2,
  initialGrowth: 0.4,
  /** Change of speed within a second: people turn, cars brake. */
  velocityNoise: 1,
  growthNoise: 0.15,
} as const
/** No box is thinner than this, whatever is predicted: a share of the picture. */
const MIN_SIZE = 1e-3

/** A filter that begins with its first box. Pure. */
export function initBoxFilter(box: Box): BoxFilter {
  const [x, y, width, height] = toCentre(box)
  const size = geometricSize(width, height)
  const positionNoise = { value: NOISE.position * size, velocity: NOISE.initialVelocity * size }
  return [
    initAxis(x, positionNoise),
    initAxis(y, positionNoise),
    initAxis(width, { value: NOISE.size * width, velocity: NOISE.initialGrowth * width }),
    initAxis(height, { value: NOISE.size * height, velocity: NOISE.initialGrowth * height }),
  ]
}

/** Where it is expected after `dt` seconds. Pure. */
export function predictBoxFilter([x, y, width, height]: BoxFilter, dt: number): BoxFilter {
  const size = geometricSize(width[0], height[0])
  return [
    predictAxis(x, dt, NOISE.velocityNoise * size),
    predictAxis(y, dt, NOISE.velocityNoise * size),
    withMinSize(predictAxis(width, dt, NOISE.growthNoise * width[0])),
    withMinSize(predictAxis(height, dt, NOISE.growthNoise * height[0])),
  ]
}

/** After a detection. Pure. */
export function updateBoxFilter([x, y, width, height]: BoxFilter, box: Box): BoxFilter {
  const [measuredX, measuredY, measuredWidth, measuredHeight] = toCentre(box)
  const size = geometricSize(measuredWidth, measuredHeight)
  const positionNoise = NOISE.position * size
  return [
    updateAxis(x, measuredX, positionNoise),
    updateAxis(y, measuredY, positionNoise),
    withMinSize(updateAxis(width, measuredWidth, NOISE.size * measuredWidth)),
    withMinSize(updateAxis(height, measuredHeight, NOISE.size * measuredHeight)),
  ]
}

/** Lets speed and growth fade, by this factor: what is not seen is not known to go on. Pure. */
export function dampVelocity(filter: BoxFilter, speed: number, growth: number): BoxFilter {
  const [x, y, width, height] = filter
  const damp = ([value, velocity, ...variances]: AxisFilter, by: number): AxisFilter => [
    value,
    velocity * by,
    ...variances,
  ]
  return [damp(x, speed), damp(y, speed), damp(width, growth), damp(height, growth)]
}

/** The box as the filter has it; it may reach out of the picture. Pure. */
export function estimatedBox([[x], [y], [width], [height]]: BoxFilter): Box {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
}

/** Squared distance of a detection's centre from the expected one, in standard deviations (Mahalanobis). Pure. */
export function squaredMahalanobis([x, y]: BoxFilter, box: Box): number {
  const [measuredX, measuredY, width, height] = toCentre(box)
  const noise = (NOISE.position * geometricSize(width, height)) ** 2
  return (measuredX - x[0]) ** 2 / (x[2] + noise) + (measuredY - y[0]) ** 2 / (y[2] + noise)
}

function toCentre([left, top, right, bottom]: Box): [x: number, y: number, width: number, height: number] {
  return [
    (left + right) / 2,
    (top + bottom) / 2,
    Math.max(right - left, MIN_SIZE),
    Math.max(bottom - top, MIN_SIZE),
  ]
}

function geometricSize(width: number, height: number): number {
  return Math.sqrt(Math.max(width, MIN_SIZE) * Math.max(height, MIN_SIZE))
}

function withMinSize([value, ...rest]: AxisFilter): AxisFilter {
  return [Math.max(value, MIN_SIZE), ...rest]
}
