import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { CROSSING } from '../../../../../services/agents/video/tracking/rules/line-crossing.ts'
import { PRESENCE } from '../../../../../services/agents/video/tracking/rules/zone-presence.ts'
import { PERSON_SIZE, plan, rule, walk, watch } from '../tracking-fixtures.ts'

/** Goes from place to place with some trembling, at some frame rate; not near the picture's border, where boxes are cut. */
const wander = fc
  .record({
    places: fc.array(fc.tuple(fc.integer({ min: 15, max: 85 }), fc.integer({ min: 25, max: 85 })), {
      minLength: 2,
      maxLength: 6,
    }),
    pauses: fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 6, maxLength: 6 }),
    trembles: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 20, maxLength: 20 }),
    intervalMs: fc.constantFrom(40, 100, 250),
    stepsEach: fc.integer({ min: 4, max: 40 }),
  })
  .map(({ places, pauses, trembles, intervalMs, stepsEach }) => {
    const path: Point[] = []
    places.forEach(([x, y], i) => {
      const [nextX, nextY] = places[i + 1] ?? [x, y]
      for (let n = 0; n < stepsEach; n++)
        path.push([x + ((nextX - x) * n) / stepsEach, y + ((nextY - y) * n) / stepsEach])
      for (let n = 0; n < pauses[i]!; n++) path.push([nextX, nextY])
    })
    const trembling = path.map(([x, y], i): Point => {
      const by = trembles[i % trembles.length]! / 1000
      // Never exactly on a border: on which side that is would be a matter of rounding.
      return [x / 100 + by + Math.PI / 1e4, y / 100 - by + Math.E / 1e4]
    })
    return { path: trembling, intervalMs }
  })

interface Walk {
  path: Point[]
  intervalMs: number
}

// Plain conditions for the square of the fixtures: another way than the code's polygon.
const isIn = ([x, y]: Point) => x > 0.3 && x < 0.7 && y > 0.3 && y < 0.7
const beyond = ([x, y]: Point) => Math.hypot(Math.max(0.3 - x, x - 0.7, 0), Math.max(0.3 - y, y - 0.7, 0))
const CLEAR = PRESENCE.margin * PERSON_SIZE
const isClear = (at: Point) => beyond(at) > CLEAR
const MOVED = 0.5 * PERSON_SIZE
/** So near to a limit it is a matter of rounding on which side of it something is. */
const isUndecided = (distance: number, limit: number) => Math.abs(distance - limit) < 1e-9

/** The visits of a path, from their definition, looking at the whole of it. */
function visits(path: readonly Point[], intervalMs: number): { from: number; last: number }[] {
  const found: { from: number; last: number }[] = []
  let i = 0
  while (i < path.length) {
    const run = runOf(path, i, isIn)
    if (run > 1 && (run - 1) * intervalMs >= PRESENCE.enterMs) {
      const last = lastInside(path, i + run, intervalMs)
      found.push({ from: i, last })
      i = last + 2
    } else i += Math.max(1, run)
  }
  return found
}

/** The last index before it has been clearly out for long enough, or out at all for longer. */
function lastInside(path: readonly Point[], from: number, intervalMs: number): number {
  for (let k = from; k < path.length; k++) {
    if (isIn(path[k]!)) continue
    const back = [...path.slice(from, k + 1)].reverse()
    const out = runOf(back, 0, (at) => !isIn(at))
    const clear = runOf(back, 0, (at) => !isIn(at) && isClear(at))
    if ((clear - 1) * intervalMs >= PRESENCE.leaveMs && clear > 0) return k - 1
    if ((out - 1) * intervalMs >= PRESENCE.lingerMs) return k - 1
  }
  return path.length - 1
}

function runOf(path: readonly Point[], from: number, holds: (at: Point) => boolean): number {
  let end = from
  while (end < path.length && holds(path[end]!)) end++
  return end - from
}

/**
 * What is to be told: every visit that lasts, at its first moment after that inside; but not what has not moved since.
 * Undefined where that is a matter of rounding.
 */
function expectedEvents(
  { path, intervalMs }: Walk,
  afterMs: number,
): { atMs: number; raisedMs: number }[] | undefined {
  if (path.some((at) => isUndecided(beyond(at), CLEAR))) return undefined
  const expected: { atMs: number; raisedMs: number }[] = []
  /** The last moment of the visit that was told, or would have been. */
  let told: number | undefined
  for (const { from, last } of visits(path, intervalMs)) {
    const lasts = (i: number) => (i - from) * intervalMs >= Math.max(afterMs, PRESENCE.enterMs)
    const raised = path.findIndex((at, i) => i >= from && i <= last && lasts(i) && isIn(at))
    if (raised < 0) continue
    const [x, y] = path[told ?? 0]!
    const since = told === undefined ? [] : path.slice(told + 1, raised + 1)
    const ways = since.map((at) => Math.hypot(at[0] - x, at[1] - y))
    if (ways.some((way) => isUndecided(way, MOVED))) return undefined
    const moved = ways.some((way) => way > MOVED)
    const dueMs = from * intervalMs + afterMs
    const raisedMs = raised * intervalMs
    if (told === undefined || moved)
      expected.push({ atMs: raisedMs - dueMs > 1000 ? raisedMs : dueMs, raisedMs })
    told = last
  }
  return expected
}

for (const dwellMs of [undefined, 1500]) {
  const is = dwellMs ? 'loitering: exactly the visits that last' : 'intrusion: exactly the visits'
  t.test(`${is}, with their moments`, async (t) => {
    const watched = dwellMs
      ? rule('loitering', { zone: 'yard', dwellMs })
      : rule('intrusion', { zone: 'yard' })
    let told = 0
    let undecided = 0
    fc.assert(
      fc.property(wander, (walked) => {
        const events = watch(plan(watched), walk(walked.path, walked.intervalMs))
        told += events.length
        const times = events.map(({ atMs, raisedMs }) => ({ atMs, raisedMs }))
        const expected = expectedEvents(walked, dwellMs ?? 0)
        if (!expected) undecided++
        return !expected || isDeepStrictEqual(times, expected)
      }),
      { numRuns: 400 },
    )
    t.ok(undecided < 4, `${undecided} were a matter of rounding`)
    t.ok(told > 100, `${told} events`)
  })
}

const side = ([x]: Point) => (x < 0.5 ? 'left' : 'right')

t.test(
  'line: every event has a way across behind it, from the side it names, and they take turns',
  async (t) => {
    let told = 0
    fc.assert(
      fc.property(wander, ({ path, intervalMs }) => {
        const events = watch(plan(rule('line-crossing', { line: 'exit' })), walk(path, intervalMs))
        told += events.length
        return events.every(({ event, atMs, raisedMs }, i) => {
          const [from, to] = event.direction!.split('-to-')
          const at = Math.floor(atMs / intervalMs)
          const raised = path[raisedMs / intervalMs]!
          const cameFrom = path.slice(0, at + 1).some((point) => side(point) === from)
          const turn = events[i - 1]?.event.direction !== event.direction
          return side(raised) === to && cameFrom && turn
        })
      }),
      { numRuns: 400 },
    )
    t.ok(told > 100, `${told} events`)
  },
)

t.test('line: who ends clearly on the other side has crossed once more in that direction', async () => {
  const margin = CROSSING.away * PERSON_SIZE
  fc.assert(
    fc.property(wander, ({ path, intervalMs }) => {
      const events = watch(plan(rule('line-crossing', { line: 'exit' })), walk(path, intervalMs))
      const wide = path.filter(([x]) => Math.abs(x - 0.5) > margin)
      // Passages from far on one side to far on the other: each is exactly one net crossing.
      const passages = wide.filter((at, i) => i > 0 && side(at) !== side(wide[i - 1]!)).length
      const end = path.at(-1)!
      const isOpen = Math.abs(end[0] - 0.5) <= margin || events.length === 0
      const endsThere = isOpen || events.at(-1)!.event.direction!.endsWith(`-to-${side(end)}`)
      return events.length >= passages && endsThere
    }),
    { numRuns: 400 },
  )
})

t.test('crowd: told only when enough were there for as long, and once while that lasts', async (t) => {
  let told = 0
  const holdMs = 1000
  const counts = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 40 })), { maxLength: 8 })
    .map((parts) => parts.flatMap(([count, frames]) => Array.from({ length: frames }, () => count)))
  fc.assert(
    fc.property(counts, (counts) => {
      const [first] = walk([[0.5, 0.5]])
      const observations = counts.map((count, i) => ({
        atMs: first!.atMs + i * 100,
        tracks: Array.from({ length: count }, (_, n) => ({
          ...first!.tracks[0]!,
          ...{ id: n + 1, key: n + 1, bornMs: first!.atMs },
        })),
      }))
      const events = watch(plan(rule('crowd', { minCount: 3, holdMs })), observations)
      told += events.length
      const enough = counts.map((count) => count >= 3)
      return events.every(({ raisedMs }, i) => {
        const now = raisedMs / 100
        // Never fewer for longer than a dip, over the whole hold (what is sure only later may count 400 ms more).
        const held = enough.slice(Math.max(0, now - (holdMs - 400) / 100), now + 1)
        const before = events[i - 1]
        const between = before && enough.slice(before.raisedMs / 100, now + 1)
        return enough[now] && longestLow(held) <= 6 && (!between || longestLow(between) > 20)
      })
    }),
    { numRuns: 400 },
  )
  t.ok(told > 50, `${told} events`)

  function longestLow(enough: readonly boolean[]): number {
    let longest = 0
    let run = 0
    for (const is of enough) {
      run = is ? 0 : run + 1
      longest = Math.max(longest, run)
    }
    return longest
  }
})
