import fc from 'fast-check'
import t from 'tap'
import type { Detection } from '#schemas/detection.ts'
import type { Point } from '#schemas/geometry.ts'
import type { ObservedTrack } from '../../../../../services/agents/video/tracking/track/tracker.ts'
import { frames, person, standing, track, vehicle } from '../tracking-fixtures.ts'

const ids = (seen: ObservedTrack[][]) => [...new Set(seen.flat().map(({ id }) => id))].filter((id) => id > 0)
const confirmed = (seen: ObservedTrack[] | undefined) => (seen ?? []).filter(({ id }) => id > 0)

t.test('a track is confirmed by its third hit, and one flash is nothing', async (t) => {
  const { seen } = track(frames(300, (ms) => [person([0.2 + ms / 10_000, 0.5])]))
  t.strictSame(
    seen.map((tracks) => confirmed(tracks).length),
    [0, 0, 1, 1],
  )
  t.strictSame(ids(track(frames(3000, (ms) => (ms % 1000 === 0 ? [person([0.5, 0.5])] : []))).seen), [])
})

t.test('with two frames a second, two hits are enough', async (t) => {
  const { seen } = track(frames(1000, (ms) => [person([0.2 + ms / 30_000, 0.5])], 500))
  t.strictSame(
    seen.map((tracks) => confirmed(tracks).length),
    [0, 1, 1],
  )
})

t.test('two who pass each other keep their names', async (t) => {
  const at = (ms: number): Detection[] => [
    person([0.2 + ms / 10_000, 0.5]),
    person([0.8 - ms / 10_000, 0.56]),
  ]
  const { seen } = track(frames(6000, at))
  t.strictSame(ids(seen), [1, 2])
  const last = confirmed(seen.at(-1)).sort((a, b) => a.id - b.id)
  t.ok(last[0]!.box[0] > 0.7 && last[1]!.box[0] < 0.3, 'on their other sides')
})

t.test('behind a pillar for a second: the same person comes out', async (t) => {
  const at = (ms: number) => (ms > 2000 && ms < 3000 ? [] : [person([0.2 + ms / 10_000, 0.5])])
  const { seen } = track(frames(5000, at))
  t.strictSame(ids(seen), [1])
  t.ok(seen[22]!.every(({ predicted }) => predicted) && seen[22]!.length === 1, 'shown for a moment')
  t.strictSame(seen[28], [], 'not shown for long')
})

t.test('somebody else, three seconds later, is somebody else', async (t) => {
  const at = (ms: number) => (ms < 1000 ? [person([0.3, 0.5])] : ms > 4000 ? [person([0.6, 0.5])] : [])
  t.strictSame(ids(track(frames(6000, at)).seen), [1, 2])
})

t.test('half a person in front of a lamp post is no second one', async (t) => {
  const half = (at: Point): Detection => {
    const [left, top, right, bottom] = standing(at)
    return { ...person(at, 0.6), box: [left, top, right, (top + bottom) / 2] }
  }
  const at = (ms: number): Detection[] => {
    const where: Point = [0.2 + ms / 10_000, 0.5]
    const passes = ms > 2000 && ms < 3500
    return passes ? (ms % 300 === 0 ? [half(where)] : [person(where), half(where)]) : [person(where)]
  }
  const { seen } = track(frames(6000, at))
  t.strictSame(ids(seen), [1])
})

t.test(
  'a parked car hidden for 40 s is the same car, and one that comes later elsewhere is not',
  async (t) => {
    const place = [0.5, 0.5, 0.7, 0.62] as const
    const at = (ms: number) =>
      ms < 60_000 || ms > 100_000
        ? [vehicle([...place])]
        : ms > 70_000 && ms < 80_000
          ? [vehicle([0.1, 0.6, 0.3, 0.75])]
          : []
    const { seen, state } = track(frames(110_000, at, 200))
    t.strictSame(
      confirmed(seen.at(-1)).map(({ id }) => id),
      [1],
    )
    t.strictSame(state.confirmed, { person: 0, vehicle: 2 })
  },
)

t.test(
  'a van that is called a car and a truck by turns is one vehicle, with the label it has most',
  async (t) => {
    const at = (ms: number) => [
      vehicle([0.3 + ms / 50_000, 0.5, 0.5 + ms / 50_000, 0.62], ms % 300 === 0 ? 'car' : 'truck'),
    ]
    const { seen } = track(frames(3000, at))
    t.strictSame(ids(seen), [1])
    t.equal(seen.at(-1)![0]!.label, 'truck')
  },
)

t.test('an unsure detection keeps a track alive, but begins none', async (t) => {
  const at = (ms: number) => [person([0.2 + ms / 10_000, 0.5], ms < 500 ? 0.8 : 0.36)]
  const { seen } = track(frames(5000, at))
  t.ok(seen.slice(5).every((tracks) => tracks.length === 1 && !tracks[0]!.predicted))
  t.strictSame(track(frames(2000, () => [person([0.5, 0.5], 0.36)])).seen.flat(), [])
})

t.test('dropped frames: the same person at 10, 5 and 2 frames a second, and at random ones', async (t) => {
  const at = (ms: number) => [person([0.1 + ms / 12_000, 0.5]), person([0.9 - ms / 15_000, 0.8])]
  for (const intervalMs of [100, 200, 500])
    t.strictSame(ids(track(frames(9000, at, intervalMs)).seen), [1, 2])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 20, max: 600 }), { minLength: 15, maxLength: 40 }), (gaps) => {
      let atMs = 0
      const taken = gaps.map((gap) => {
        atMs += gap
        return { atMs, detections: at(Math.min(atMs, 9000)) }
      })
      return ids(track(taken).seen).length === 2
    }),
    { numRuns: 50 },
  )
})

t.test('whatever is detected: ids count up, nobody has two, nothing leaves the picture', async () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const detection = fc
    .record({ x: share, y: share, score: fc.double({ min: 0.3, max: 1, noNaN: true }), car: fc.boolean() })
    .map(({ x, y, score, car }) => (car ? vehicle(standing([x, y]), 'car', score) : person([x, y], score)))
  const sequence = fc.array(fc.array(detection, { maxLength: 6 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(sequence, (detections) => {
      const { seen, state } = track(detections.map((of, i) => ({ atMs: i * 100, detections: of })))
      const known = ids(seen)
      const total = state.confirmed.person + state.confirmed.vehicle
      return (
        known.every((id) => id >= 1 && id <= total) &&
        state.tracks.every(({ key }, i) => state.tracks.findIndex((other) => other.key === key) === i) &&
        seen.every((tracks, i) => {
          const now = tracks.filter(({ predicted }) => !predicted)
          const shown = confirmed(tracks).map(({ id }) => id)
          return now.length <= detections[i]!.length && new Set(shown).size === shown.length
        }) &&
        seen
          .flat()
          .every(({ box }) => box.every((v) => v >= 0 && v <= 1) && box[0] <= box[2] && box[1] <= box[3])
      )
    }),
    { numRuns: 100 },
  )
})
