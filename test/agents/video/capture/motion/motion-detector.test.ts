import t from 'tap'
import { createMotionDetector } from '../../../../../services/agents/video/capture/motion/motion-detector.ts'
import { SIZE, shareFrom, WALL, watch, withObject } from './picture-maker.ts'

t.test('nothing is usual yet: all of it moves at first, then a still picture does not', async (t) => {
  const moved = watch(createMotionDetector(), WALL, { seconds: 8 })
  t.equal(shareFrom(moved.slice(0, 15), 0), 1)
  t.equal(shareFrom(moved, 2), 0)
})

t.test('no motion: the noise of a dark night', async (t) => {
  t.ok(shareFrom(watch(createMotionDetector(), WALL, { seconds: 10, noise: 14 }), 2) < 0.03)
})

t.test('no motion: light that changes slowly, on bright places more than on dark ones', async (t) => {
  const dusk = watch(createMotionDetector(), (x, y, atMs) => WALL(x, y, 0) * (1 - atMs / 40_000), {
    seconds: 10,
  })
  t.equal(shareFrom(dusk, 2), 0)
})

t.test('no motion: lamps that flicker over the whole picture', async (t) => {
  const flicker = watch(
    createMotionDetector(),
    (x, y, atMs) => WALL(x, y, 0) + 6 * Math.sin((2 * Math.PI * 3.3 * atMs) / 1000),
    { seconds: 10 },
  )
  t.ok(shareFrom(flicker, 3) < 0.05)
})

t.test('a place that is restless by itself is learned within half a minute, and seen through', async (t) => {
  /** Leaves in the wind, at the left. */
  const tree = (x: number, y: number, atMs: number) =>
    x < 40 ? WALL(x, y, 0) + 9 * Math.sin(atMs / 170 + x + 2 * y) : WALL(x, y, 0)
  t.ok(shareFrom(watch(createMotionDetector(), tree, { seconds: 35 }), 30) < 0.1)
  const person = withObject(
    (atMs) => (atMs < 31_000 ? undefined : { x: 10 + (atMs - 31_000) / 200, y: 50 }),
    {
      level: 200,
    },
  )
  const behind = watch(
    createMotionDetector(),
    (x, y, atMs) => person(x, y, atMs) + (x < 40 ? 9 * Math.sin(atMs / 170 + x + 2 * y) : 0),
    { seconds: 35 },
  )
  t.ok(shareFrom(behind, 31) > 0.9, 'who comes through it moves')
})

t.test('motion: somebody small who walks by, in every frame', async (t) => {
  const walker = withObject((atMs) => (atMs < 3000 ? undefined : { x: (atMs - 3000) / 100, y: 60 }))
  t.equal(shareFrom(watch(createMotionDetector(), walker, { seconds: 12 }), 3), 1)
})

t.test('motion: what creeps by a pixel and a half a second', async (t) => {
  const creeper = withObject((atMs) =>
    atMs < 3000 ? undefined : { x: 20 + Math.floor((atMs - 3000) / 650), y: 60 },
  )
  t.ok(shareFrom(watch(createMotionDetector(), creeper, { seconds: 20, noise: 2 }), 3) > 0.3)
})

t.test('motion: what is there from one frame to the next; at rest it belongs to the picture', async (t) => {
  const moved = watch(
    createMotionDetector(),
    withObject((atMs) => (atMs < 4000 ? undefined : { x: 80, y: 40 }), { level: 130 }),
    { seconds: 14 },
  )
  t.equal(shareFrom(moved.slice(0, 45), 4), 1, 'at once')
  t.equal(shareFrom(moved, 11), 0, 'a few seconds later')
})

t.test('motion: a cut, a night switch', async (t) => {
  const night = watch(
    createMotionDetector(),
    (x, y, atMs) => (atMs < 4000 ? WALL(x, y, 0) : 255 - WALL(x, y, 0)),
    {
      seconds: 5,
    },
  )
  t.equal(shareFrom(night, 4), 1)
  const gain = watch(createMotionDetector(), (x, y, atMs) => WALL(x, y, 0) + (atMs < 4000 ? 0 : 40), {
    seconds: 4.5,
  })
  t.equal(shareFrom(gain, 4), 1)
})

t.test('how little counts: a faint figure is seen by the high sensitivity, not by the low one', async (t) => {
  const shade = (x: number, y: number, atMs: number) =>
    WALL(x, y, 0) - (atMs >= 3000 && Math.abs(x - atMs / 50) < 6 && y > 50 && y < 80 ? 6 : 0)
  const seen = (['low', 'normal', 'high'] as const).map((sensitivity) =>
    shareFrom(watch(createMotionDetector(sensitivity), shade, { seconds: 6, noise: 1 }), 3),
  )
  t.equal(seen[0], 0)
  t.ok(seen[1]! > 0.9)
  t.ok(seen[2]! >= seen[1]!)
})

t.test('after a gap, or with another size, nobody knows what is usual', async (t) => {
  const detector = createMotionDetector()
  watch(detector, WALL, { seconds: 4 })
  const plane = new Uint8Array(SIZE.width * SIZE.height * 3)
  const sizes = { input: SIZE, content: SIZE }
  t.equal(detector.movement(plane, sizes, 60_000), 'new')
  t.equal(detector.movement(plane, { input: SIZE, content: { width: 208, height: 104 } }, 60_100), 'new')
})
