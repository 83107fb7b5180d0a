import { z } from 'zod'
import type { Box } from '#schemas/geometry.ts'

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

/** Centre x, centre y, width, height. */
export const boxFilterSchema = z.tuple([axisSchema, axisSchema, axisSchema, axisSchema])
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
  startSpeed: 2,
  startGrowth: 0.4,
  /** Change of speed within a second: people turn, cars brake. */
  drift: 1,
  growthDrift: 0.15,
} as const
/** No box is thinner than this, whatever is predicted: a share of the picture. */
const THINNEST = 1e-3

/** A filter that begins with its first box. Pure. */
export function startBox(box: Box): BoxFilter {
  const [x, y, width, height] = centred(box)
  const size = sizeOf(width, height)
  const place = { value: NOISE.position * size, velocity: NOISE.startSpeed * size }
  return [
    startAxis(x, place),
    startAxis(y, place),
    startAxis(width, { value: NOISE.size * width, velocity: NOISE.startGrowth * width }),
    startAxis(height, { value: NOISE.size * height, velocity: NOISE.startGrowth * height }),
  ]
}

/** Where it is expected after `dt` seconds. Pure. */
export function predictBox([x, y, width, height]: BoxFilter, dt: number): BoxFilter {
  const size = sizeOf(width[0], height[0])
  return [
    predictAxis(x, dt, NOISE.drift * size),
    predictAxis(y, dt, NOISE.drift * size),
    thick(predictAxis(width, dt, NOISE.growthDrift * width[0])),
    thick(predictAxis(height, dt, NOISE.growthDrift * height[0])),
  ]
}

/** After a detection; `trust` below 1 makes it count less. Pure. */
export function updateBox([x, y, width, height]: BoxFilter, box: Box, trust = 1): BoxFilter {
  const [measuredX, measuredY, measuredWidth, measuredHeight] = centred(box)
  const size = sizeOf(measuredWidth, measuredHeight)
  const place = (NOISE.position * size) / trust
  return [
    updateAxis(x, measuredX, place),
    updateAxis(y, measuredY, place),
    thick(updateAxis(width, measuredWidth, (NOISE.size * measuredWidth) / trust)),
    thick(updateAxis(height, measuredHeight, (NOISE.size * measuredHeight) / trust)),
  ]
}

/** Lets speed and growth fade, by this factor: what is not seen is not known to go on. Pure. */
export function slowBox(filter: BoxFilter, speed: number, growth: number): BoxFilter {
  const [x, y, width, height] = filter
  const slow = ([value, velocity, ...variances]: Axis, by: number): Axis => [
    value,
    velocity * by,
    ...variances,
  ]
  return [slow(x, speed), slow(y, speed), slow(width, growth), slow(height, growth)]
}

/** The box as the filter has it; it may reach out of the picture. Pure. */
export function boxOf([[x], [y], [width], [height]]: BoxFilter): Box {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
}

/** Squared distance of a detection's centre from the expected one, in standard deviations (Mahalanobis). Pure. */
export function surpriseOf([x, y]: BoxFilter, box: Box): number {
  const [measuredX, measuredY, width, height] = centred(box)
  const noise = (NOISE.position * sizeOf(width, height)) ** 2
  return (measuredX - x[0]) ** 2 / (x[2] + noise) + (measuredY - y[0]) ** 2 / (y[2] + noise)
}

function centred([left, top, right, bottom]: Box): [x: number, y: number, width: number, height: number] {
  return [
    (left + right) / 2,
    (top + bottom) / 2,
    Math.max(right - left, THINNEST),
    Math.max(bottom - top, THINNEST),
  ]
}

function sizeOf(width: number, height: number): number {
  return Math.sqrt(Math.max(width, THINNEST) * Math.max(height, THINNEST))
}

function thick([value, ...rest]: Axis): Axis {
  return [Math.max(value, THINNEST), ...rest]
}
