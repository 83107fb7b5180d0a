import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import type { ObservedTrack } from '../../../../../services/agents/video/tracking/track/tracker.ts'
import { observed, plan, rule, START_MS, steps, still, walk, watch, ZONE } from '../tracking-fixtures.ts'

const OUT: Point = [0.1, 0.5]
const IN: Point = [0.5, 0.5]
const intrusion = rule('intrusion', { zone: 'yard' })
const told = (events: ReturnType<typeof watch>) => events.map(({ event }) => event.message)

t.test('intrusion: told once, with the moment of the first step inside, within a second', async (t) => {
  const events = watch(
    plan(intrusion),
    walk([...steps([0.1, 0.5], [0.6, 0.5], 51), ...still([0.6, 0.5], 50)]),
  )
  t.strictSame(told(events), ['Person entered yard'])
  // The border is at 0.3, a step is 0.01 long: that of 2000 ms lies on it.
  t.ok(events[0]!.atMs === 2000 || events[0]!.atMs === 2100, String(events[0]!.atMs))
  t.ok(events[0]!.raisedMs - events[0]!.atMs <= 300)
  t.match(events[0]!.event, { subject: 'track-1', zone: ZONE, rule: { id: 'intrusion' } })
})

t.test('out for two seconds and back is a second visit; out for half a second is not', async (t) => {
  const visit = (away: number) => [...still(OUT, 5), ...still(IN, 10), ...still(OUT, away), ...still(IN, 10)]
  t.equal(watch(plan(intrusion), walk(visit(20))).length, 2)
  t.equal(watch(plan(intrusion), walk(visit(5))).length, 1)
})

t.test('what is predicted or not confirmed raises nothing; the entry counts from birth', async (t) => {
  t.strictSame(watch(plan(intrusion), walk(still(IN, 20), 100, { predicted: true })), [])
  t.strictSame(watch(plan(intrusion), walk(still(IN, 20), 100, { id: 0 })), [])
  const confirmedLater = walk(still(IN, 20)).map((observation, i) => ({
    ...observation,
    tracks: observation.tracks.map((track): ObservedTrack => ({ ...track, id: i < 4 ? 0 : 1 })),
  }))
  const [event] = watch(plan(intrusion), confirmedLater)
  t.match(event, { atMs: 0, raisedMs: 400 })
})

t.test(
  'who appears where one that was told about has just vanished or walked off from is that one',
  async (t) => {
    const together = (...paths: (readonly (Point | undefined)[])[]) =>
      Array.from({ length: Math.max(...paths.map((path) => path.length)) }, (_, i) => ({
        atMs: START_MS + i * 100,
        tracks: paths.flatMap((path, key) => (path[i] ? [observed(key + 1, path[i])] : [])),
      }))
    const gone = (count: number) => Array.from({ length: count }, () => undefined)
    const count = (...paths: (readonly (Point | undefined)[])[]) =>
      watch(plan(intrusion), together(...paths)).length
    const beside: Point = [IN[0] + 0.02, IN[1]]
    t.equal(
      count([...still(IN, 30), ...still(OUT, 20)], [...gone(30), ...still(beside, 20)]),
      1,
      'tracks that swapped',
    )
    t.equal(count(still(IN, 30), [...gone(40), ...still(beside, 20)]), 1, 'lost, and found as somebody new')
    t.equal(
      count(still(IN, 60), [...gone(30), ...still(beside, 20)]),
      2,
      'the first is still there: that is a second one',
    )
    t.equal(count(still(IN, 30), [...gone(70), ...still(beside, 20)]), 2, 'too late')
    t.equal(count(still(IN, 30), [...gone(40), ...still([0.6, 0.6], 20)]), 2, 'too far away')
    const edge: Point = [0.302, 0.5]
    t.equal(
      count([...still(edge, 30), ...still(OUT, 20)], [...gone(32), ...still(edge, 20)]),
      2,
      'came over the edge',
    )
  },
)

t.test('a parked van is told at most once, though it is hidden, or its box changes', async (t) => {
  const van = { class: 'vehicle', label: 'truck' } as const
  const path = [
    ...still(IN, 30),
    ...Array.from({ length: 100 }, () => undefined),
    ...still(IN, 30),
    // Its lower half hidden for 2 s: the box ends far above the zone.
    ...still(IN, 0),
  ]
  t.strictSame(told(watch(plan(intrusion), walk(path, 100, van))), ['Vehicle entered yard'])
  const onBorder = [...still([0.31, 0.5], 30), ...still([0.285, 0.5], 30), ...still([0.31, 0.5], 30)]
  t.equal(watch(plan(intrusion), walk(onBorder, 100, van)).length, 1, 'it has not moved by half its size')
})

t.test('a parked van is no news on the second night', async (t) => {
  const atNight = rule('intrusion', { zone: 'yard', schedule: { from: '22:00', to: '06:00' } })
  const start = Date.parse('2026-07-01T21:00:00Z')
  const minutes = (n: number) => start + n * 60_000
  const van = observed(1, IN, { class: 'vehicle' })
  const two = Array.from({ length: 2 * 24 * 60 }, (_, i) => ({ atMs: minutes(i), tracks: [van] }))
  const events = watch(plan(atNight), two)
  t.equal(events.length, 1)
  t.equal(events[0]!.event.atMs, Date.parse('2026-07-01T22:00:00Z'), 'when the night began')
})

t.test('loitering: dwell counts from the entry, once a visit', async (t) => {
  const loitering = rule('loitering', { zone: 'yard', dwellMs: 10_000 })
  const path = [...steps(OUT, IN, 41), ...still(IN, 300)]
  const events = watch(plan(loitering, intrusion), walk(path))
  t.strictSame(told(events), ['Person entered yard', 'Person stays in yard for 10 s'])
  t.equal(events[1]!.atMs, events[0]!.atMs + 10_000)
  t.ok(events[1]!.raisedMs - events[1]!.atMs <= 100)
  const brief = [...still(IN, 90), ...still(OUT, 30), ...still(IN, 90)]
  t.strictSame(watch(plan(loitering), walk(brief)), [], 'nine seconds twice is not long')
})
