import t from 'tap'
import type { Box } from '#schemas/geometry.ts'
import {
  dampVelocity,
  estimatedBox,
  initAxis,
  initBoxFilter,
  predictAxis,
  predictBoxFilter,
  squaredMahalanobis,
  updateAxis,
  updateBoxFilter,
} from '../../../../../services/agents/video/tracking/track/kalman-filter.ts'

t.test('a filter finds a steady speed, and is surer with each measurement', async (t) => {
  let axis = initAxis(0, { value: 0.1, velocity: 2 })
  for (let i = 1; i <= 30; i++) {
    const before = axis[2]
    axis = updateAxis(predictAxis(axis, 0.1, 0.1), i * 0.05, 0.1)
    if (i > 3) t.ok(axis[2] < before * 1.1)
  }
  t.ok(Math.abs(axis[1] - 0.5) < 0.02, `speed ${axis[1]}`)
  t.ok(Math.abs(predictAxis(axis, 1, 0.1)[0] - 2) < 0.05)
  t.ok(predictAxis(axis, 1, 0.1)[2] > axis[2], 'what is not seen is less sure')
})

const BOX: Box = [0.4, 0.4, 0.6, 0.6]
const moved = (dx: number): Box => [0.4 + dx, 0.4, 0.6 + dx, 0.6]
const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-9

t.test('a new filter has the box that it began with, at rest', async (t) => {
  const filter = initBoxFilter(BOX)
  t.ok(estimatedBox(filter).every((value, i) => isNear(value, BOX[i]!)))
  t.ok(estimatedBox(predictBoxFilter(filter, 1)).every((value, i) => isNear(value, BOX[i]!)))
})

t.test('the squared Mahalanobis distance counts in standard deviations of state and detector', async (t) => {
  const filter = initBoxFilter(BOX)
  t.equal(squaredMahalanobis(filter, BOX), 0)
  // A box of 0.2 × 0.2 has a deviation of 0.07 · 0.2 = 0.014, in the state and in the detector: 2 · 0.014² in all.
  t.ok(isNear(squaredMahalanobis(filter, moved(0.028)), 2))
  t.ok(isNear(squaredMahalanobis(filter, moved(-0.028)), 2), 'the same on both sides')
  const later = predictBoxFilter(filter, 1)
  t.ok(squaredMahalanobis(later, moved(0.028)) < 0.1, 'the gate is wider after a second')
})

t.test('an update lies between prediction and measurement', async (t) => {
  const filter = predictBoxFilter(initBoxFilter(BOX), 0.1)
  const updated = updateBoxFilter(filter, moved(0.1))[0][0]
  t.ok(updated > 0.5 && updated < 0.6, String(updated))
})

t.test('damping slows movement and growth, each by its factor, and moves nothing', async (t) => {
  const moving = updateBoxFilter(predictBoxFilter(initBoxFilter(BOX), 0.1), [0.5, 0.4, 0.8, 0.6])
  const damped = dampVelocity(moving, 0.5, 0)
  t.equal(damped[0][1], moving[0][1] * 0.5)
  t.equal(damped[2][1], 0)
  t.strictSame(estimatedBox(damped), estimatedBox(moving))
})

t.test('no box gets thinner than a thousandth of the picture', async (t) => {
  const [left, top, right, bottom] = estimatedBox(initBoxFilter([0.5, 0.5, 0.5, 0.5]))
  t.ok(isNear(right - left, 1e-3) && isNear(bottom - top, 1e-3))
  const shrinking = updateBoxFilter(predictBoxFilter(initBoxFilter(BOX), 0.1), [0.49, 0.49, 0.51, 0.51])
  const [, , width] = predictBoxFilter(shrinking, 60)
  t.equal(width[0], 1e-3)
})
