import fc from 'fast-check'
import t from 'tap'
import type { SceneFrame } from '#schemas/scene-truth.ts'
import { type Line, type WatchRule, watchRuleSchema, type Zone } from '#schemas/watch-rule.ts'
import { findEvents } from '../../../../../services/agents/video/scenes/truth/find-events.ts'

const SIZE = { width: 100, height: 100 }
const STEP_MS = 100
/** The right half of the picture. */
const zone: Zone = {
  id: 'half',
  polygon: [
    [0.5, 0],
    [1, 0],
    [1, 1],
    [0.5, 1],
  ],
}
const line: Line = { id: 'gate', from: [0.5, 0.9], to: [0.5, 0.1] }
const INSIDE = 80
const OUTSIDE = 20

/** Frames in which each object stands at one x after the other; null is not there. */
function framesOf(ways: readonly (readonly (number | null)[])[], y = 60): SceneFrame[] {
  const count = Math.max(...ways.map((way) => way.length))
  return Array.from({ length: count }, (_, index) => ({
    index,
    atMs: index * STEP_MS,
    boxes: ways.flatMap((way, id) => {
      const x = way[index]
      if (x === null || x === undefined) return []
      return [
        { id: id + 1, class: 'person', box: [x - 5, y - 30, x + 5, y], visibility: 1 },
      ] as SceneFrame['boxes']
    }),
  }))
}

function eventsFor(rule: Record<string, unknown>, frames: SceneFrame[]) {
  const parsed: WatchRule = watchRuleSchema.parse({ id: 'r', ...rule })
  return findEvents({ zones: [zone], lines: [line], rules: [parsed] }, frames, SIZE)
}

/** Stays and absences in turns, each some frames long, beginning outside. */
const turns = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 })

function wayOf(lengths: readonly number[]): number[] {
  return lengths.flatMap((length, i) => Array<number>(length).fill(i % 2 === 0 ? OUTSIDE : INSIDE))
}

/** Stays as first and last frame, told by looking at every frame: an absence up to a second does not end one. */
function staysIn(way: readonly number[]): [number, number][] {
  const stays: [number, number][] = []
  for (const [i, x] of way.entries()) {
    if (x !== INSIDE) continue
    const last = stays[stays.length - 1]
    if (last && (i - last[1]) * STEP_MS <= 1000) last[1] = i
    else stays.push([i, i])
  }
  return stays
}

t.test('an intrusion is the first moment of every stay', async () => {
  fc.assert(
    fc.property(turns, (lengths) => {
      const way = wayOf(lengths)
      const events = eventsFor({ kind: 'intrusion', zone: 'half' }, framesOf([way]))
      const expected = staysIn(way).map(([from]) => from * STEP_MS)
      return JSON.stringify(events.map(({ atMs }) => atMs)) === JSON.stringify(expected)
    }),
  )
})

t.test('loitering is told when a stay has lasted, once a stay, and never of a shorter one', async () => {
  fc.assert(
    fc.property(turns, fc.integer({ min: 5, max: 30 }), (lengths, dwell) => {
      const way = wayOf(lengths)
      const rule = { kind: 'loitering', zone: 'half', dwellMs: dwell * STEP_MS }
      const expected = staysIn(way)
        .filter(([from, to]) => to - from >= dwell)
        .map(([from]) => (from + dwell) * STEP_MS)
      const events = eventsFor(rule, framesOf([way]))
      return JSON.stringify(events.map(({ atMs }) => atMs)) === JSON.stringify(expected)
    }),
  )
})

t.test('a crowd is told when enough have stayed together for the hold, once a gathering', async () => {
  fc.assert(
    fc.property(
      fc.array(turns, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 2, max: 3 }),
      fc.integer({ min: 0, max: 12 }),
      (all, minCount, hold) => {
        const ways = all.map(wayOf)
        const rule = { kind: 'crowd', zone: 'half', minCount, holdMs: hold * STEP_MS }
        const events = eventsFor(rule, framesOf(ways))
        const stays = ways.map(staysIn)
        const frames = Math.max(...ways.map((way) => way.length))
        const expected: number[] = []
        let since: number | undefined
        for (let i = 0; i < frames; i++) {
          const count = stays.filter((own) => own.some(([from, to]) => from <= i && i <= to)).length
          if (count < minCount) since = undefined
          else {
            since ??= i
            if (i - since === hold) expected.push(i * STEP_MS)
          }
        }
        return (
          JSON.stringify(events.map(({ atMs }) => atMs)) === JSON.stringify(expected) &&
          events.every(({ subjects }) => subjects.length >= minCount)
        )
      },
    ),
  )
})

t.test(
  'a straight way over the line is one crossing, at the moment and in the direction it had',
  async () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 45 }),
        fc.integer({ min: 55, max: 95 }),
        fc.integer({ min: 2, max: 50 }),
        fc.integer({ min: 15, max: 85 }),
        fc.boolean(),
        (low, high, steps, y, back) => {
          const [from, to] = back ? [high, low] : [low, high]
          const way = Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps)
          const events = eventsFor({ kind: 'line-crossing', line: 'gate' }, framesOf([way], y))
          const expectedMs = ((50 - from) / (to - from)) * steps * STEP_MS
          const [event] = events
          return (
            events.length === 1 &&
            Math.abs(event!.atMs - expectedMs) < 1e-6 &&
            event!.direction === (back ? 'right-to-left' : 'left-to-right')
          )
        },
      ),
    )
  },
)

t.test('past the ends of the line nothing is crossed', async (t) => {
  const way = [20, 40, 60, 80]
  t.strictSame(eventsFor({ kind: 'line-crossing', line: 'gate' }, framesOf([way], 95)), [])
})

t.test('only the wanted direction is told', async (t) => {
  const frames = framesOf([
    [20, 80],
    [80, 20],
  ])
  const events = eventsFor({ kind: 'line-crossing', line: 'gate', direction: 'right-to-left' }, frames)
  t.strictSame(
    events.map(({ subjects, direction }) => ({ subjects, direction })),
    [{ subjects: [2], direction: 'right-to-left' }],
  )
})

t.test('over and back within a second is no crossing', async (t) => {
  t.strictSame(eventsFor({ kind: 'line-crossing', line: 'gate' }, framesOf([[40, 60, 60, 40, 30]])), [])
})

t.test('other classes do not count', async (t) => {
  const frames = framesOf([[OUTSIDE, INSIDE, INSIDE]])
  t.strictSame(eventsFor({ kind: 'intrusion', zone: 'half', classes: ['vehicle'] }, frames), [])
})
