import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { sideOf } from '../../../../services/agents/video/tracking/rules/line-crossing.ts'
import type { ObservedTrack } from '../../../../services/agents/video/tracking/track/tracker.ts'
import { LINE, observed, plan, rule, START_MS, steps, still, walk, watch, ZONE } from './tracking-fixtures.ts'

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

t.test('trembling on the border is one visit', async (t) => {
  const path = Array.from({ length: 200 }, (_, i): Point => [0.3 + (i % 5 === 0 ? -0.004 : 0.004), 0.5])
  t.equal(watch(plan(intrusion), walk(path)).length, 1)
  const flicker = Array.from({ length: 200 }, (_, i): Point => [i % 2 ? 0.31 : 0.29, 0.5])
  t.equal(watch(plan(intrusion), walk(flicker)).length, 0, 'never inside twice running')
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

t.test('classes that a rule does not name are nothing to it', async (t) => {
  const persons = rule('intrusion', { zone: 'yard', classes: ['person'] })
  t.equal(watch(plan(persons), walk(still(IN, 20), 100, { class: 'vehicle' })).length, 0)
})

t.test('who stands on the lower edge of the picture is in a zone that reaches down to it', async (t) => {
  const bottom = {
    id: 'yard',
    polygon: [
      [0, 0.5],
      [1, 0.5],
      [1, 1],
      [0, 1],
    ] as Point[],
  }
  const events = watch({ ...plan(intrusion), zones: [bottom] }, walk(still([0.5, 1], 10)))
  t.equal(events.length, 1)
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

const people = (counts: readonly number[], where: Point = IN) =>
  counts.map((count, i) => ({
    atMs: START_MS + i * 100,
    tracks: Array.from({ length: count }, (_, n) => observed(n + 1, [where[0] + n * 0.02, where[1]])),
  }))
const times = (count: number, of: number) => Array.from({ length: of }, () => count)

t.test('crowd: told when the hold is complete, counted from when enough were there', async (t) => {
  const crowd = rule('crowd', { zone: 'yard', minCount: 4, holdMs: 2000 })
  const events = watch(plan(crowd), people([...times(2, 20), ...times(4, 60)]))
  t.strictSame(told(events), ['4 persons in yard for 2 s'])
  t.match(events[0], { atMs: 4000, raisedMs: 4000, event: { subject: 'zone-yard', count: 4 } })
  t.strictSame(watch(plan(crowd), people([...times(4, 20), ...times(3, 30)])), [], 'not for long enough')
})

t.test('crowd: a dip of 400 ms does not begin it anew, one of 700 ms does', async (t) => {
  const crowd = rule('crowd', { minCount: 3, holdMs: 2000 })
  const dip = (frames: number) => people([...times(3, 15), ...times(2, frames), ...times(3, 40)])
  t.equal(watch(plan(crowd), dip(4))[0]!.atMs, 2000)
  t.equal(watch(plan(crowd), dip(7))[0]!.atMs, 4200)
})

t.test('crowd: told again only after it was over for two seconds', async (t) => {
  const crowd = rule('crowd', { minCount: 3, holdMs: 1000 })
  const pause = (frames: number) => people([...times(3, 20), ...times(1, frames), ...times(3, 30)])
  t.equal(watch(plan(crowd), pause(15)).length, 1)
  t.equal(watch(plan(crowd), pause(30)).length, 2)
  t.match(watch(plan(crowd), pause(30))[1]!.event.subject, 'picture')
})

t.test('crowd: nobody knows what was while there were no frames', async (t) => {
  const crowd = rule('crowd', { minCount: 3, holdMs: 5000 })
  const before = people(times(3, 10))
  const after = people(times(3, 60)).map(({ atMs, tracks }) => ({ atMs: atMs + 20_000, tracks }))
  t.equal(watch(plan(crowd), [...before, ...after])[0]!.atMs, 25_000)
})

const crossing = rule('line-crossing', { line: 'exit' })

t.test(
  'left and right are those of somebody who stands at `from` and looks to `to`; y points down',
  async (t) => {
    t.equal(sideOf(LINE, [0.2, 0.5]), 'left', 'looking up the picture')
    t.equal(sideOf({ ...LINE, from: LINE.to, to: LINE.from }, [0.2, 0.5]), 'right', 'looking down it')
    const across = { id: 'l', from: [0.1, 0.5] as Point, to: [0.9, 0.5] as Point }
    t.equal(sideOf(across, [0.5, 0.2]), 'left', 'looking to the right: what is above is on the left')
  },
)

t.test('line: once, with its direction and its moment', async (t) => {
  const events = watch(plan(crossing), walk(steps([0.3, 0.5], [0.7, 0.5], 41)))
  t.strictSame(told(events), ['Person crossed exit from left to right'])
  t.match(events[0]!.event, { direction: 'left-to-right', line: LINE, subject: 'track-1' })
  t.ok(Math.abs(events[0]!.atMs - 2000) < 100, String(events[0]!.atMs))
  t.ok(events[0]!.raisedMs - events[0]!.atMs <= 500)
  const back = watch(plan(crossing), walk(steps([0.7, 0.5], [0.3, 0.5], 41)))
  t.strictSame(told(back), ['Person crossed exit from right to left'])
})

t.test('line: beyond its ends is not across it', async (t) => {
  t.strictSame(watch(plan(crossing), walk(steps([0.3, 0.95], [0.7, 0.95], 41))), [])
})

t.test('line: a rule for one direction does not hear of the other', async (t) => {
  const leaving = rule('line-crossing', { line: 'exit', direction: 'right-to-left' })
  t.strictSame(watch(plan(leaving), walk(steps([0.3, 0.5], [0.7, 0.5], 41))), [])
})

t.test('line: trembling on it is nothing, and across it one event', async (t) => {
  const tremble = Array.from({ length: 100 }, (_, i): Point => [0.5 + (i % 2 ? 0.006 : -0.006), 0.5])
  t.strictSame(watch(plan(crossing), walk(tremble)), [])
  const slowly = steps([0.4, 0.5], [0.6, 0.5], 401).map(
    ([x, y], i): Point => [x + (i % 2 ? 0.006 : -0.006), y],
  )
  t.equal(watch(plan(crossing), walk(slowly, 40)).length, 1)
})

t.test('line: to and fro close to it is told once each way; from afar, every time', async (t) => {
  const swing = (width: number) =>
    Array.from({ length: 6 }, (_, i) =>
      steps([0.5 + (i % 2 ? width : -width), 0.5], [0.5 + (i % 2 ? -width : width), 0.5], 15),
    ).flat()
  t.equal(watch(plan(crossing), walk(swing(0.02))).length, 2)
  t.equal(watch(plan(crossing), walk(swing(0.15))).length, 6)
})

t.test('line: crossed behind a pillar is crossed', async (t) => {
  const path = steps([0.3, 0.5], [0.7, 0.5], 41).map((at, i) => (i > 15 && i < 25 ? undefined : at))
  t.equal(watch(plan(crossing), walk(path)).length, 1)
})

t.test('ids of zones and rules may be words of the language', async (t) => {
  const words = ['constructor', '__proto__', 'toString']
  const zones = words.map((id) => ({ ...ZONE, id }))
  const rules = words.map((id) => rule('intrusion', { id, zone: id }))
  t.equal(watch({ zones, lines: [], rules }, walk(still(IN, 10))).length, 3)
})
