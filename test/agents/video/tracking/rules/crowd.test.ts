import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { observed, plan, rule, START_MS, watch } from '../tracking-fixtures.ts'

const IN: Point = [0.5, 0.5]
const told = (events: ReturnType<typeof watch>) => events.map(({ event }) => event.message)

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
