import t from 'tap'
import type { Track } from '#schemas/camera.ts'
import {
  extendTrails,
  footOf,
  hasMoved,
  pictureDelayMs,
  type Trail,
} from '../../../../services/console/screens/cameras/motion.ts'

function trackAt(id: number, x: number, y: number): Track {
  return {
    ...{ id, class: 'person', label: 'person', score: 0.8, predicted: false, zones: [] },
    box: [x - 0.05, y - 0.2, x + 0.05, y],
  } as Track
}

t.test('an object stands at the bottom centre of its box', async (t) => {
  const [x, y] = footOf(trackAt(1, 0.5, 0.9))
  t.match([x.toFixed(6), y], ['0.500000', 0.9])
})

t.test('trails grow with what moves, are bounded, and go with their object', async (t) => {
  let trails: Trail[] = []
  for (let i = 0; i < 100; i++) trails = extendTrails(trails, { tracks: [trackAt(1, i / 100, 0.5)] })
  t.equal(trails.length, 1)
  t.equal(trails[0]!.points.length, 40)
  t.ok(Math.abs(trails[0]!.points.at(-1)![0] - 0.99) < 1e-9)
  const stood = extendTrails(trails, { tracks: [trackAt(1, 0.991, 0.5)] })
  t.equal(stood[0]!.points, trails[0]!.points, 'who stands makes no trail')
  t.strictSame(extendTrails(trails, { tracks: [] }), [])
})

t.test('what came, went or walked has moved; what stands has not', async (t) => {
  const before = { tracks: [trackAt(1, 0.2, 0.5), trackAt(2, 0.6, 0.5)] }
  t.notOk(hasMoved(before, { tracks: [trackAt(1, 0.201, 0.5), trackAt(2, 0.6, 0.501)] }))
  t.ok(hasMoved(before, { tracks: [trackAt(1, 0.25, 0.5), trackAt(2, 0.6, 0.5)] }))
  t.ok(hasMoved(before, { tracks: [trackAt(1, 0.2, 0.5)] }))
  t.ok(hasMoved(before, { tracks: [trackAt(1, 0.2, 0.5), trackAt(3, 0.6, 0.5)] }))
  t.notOk(hasMoved(undefined, { tracks: [] }))
  t.ok(hasMoved(undefined, before))
})

t.test('pictures come seldom while nothing moves', async (t) => {
  const nowMs = 100_000
  for (const size of ['large', 'tile'] as const) {
    const moving = pictureDelayMs({ size, movedAtMs: nowMs - 1000, nowMs })
    const still = pictureDelayMs({ size, movedAtMs: nowMs - 60_000, nowMs })
    const never = pictureDelayMs({ size, movedAtMs: undefined, nowMs })
    t.ok(moving < still)
    t.equal(still, never)
  }
})
