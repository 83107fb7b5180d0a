import t from 'tap'
import type { SceneEvent, SceneFrame } from '#schemas/scene-truth.ts'
import { eventsSeen, headingAt } from '../../../../../services/agents/video/scenes/scenarios/tour.ts'
import { findEvents } from '../../../../../services/agents/video/scenes/truth/find-events.ts'

const TOUR = { turns: [0, 1], staySec: 10, turnSec: 2 }
const SIZE = { width: 100, height: 100 }
const watch = {
  zones: [
    {
      id: 'all',
      polygon: [[0, 0] as [number, number], [1, 0] as [number, number], [1, 1] as [number, number]],
    },
  ],
  lines: [],
  rules: [],
}

/** Two frames a second; who is there when, by id. */
function frames(seconds: number, isThere: (id: number, second: number) => boolean): SceneFrame[] {
  return Array.from({ length: seconds * 2 }, (_, index) => ({
    index,
    atMs: index * 500,
    boxes: [1, 2]
      .filter((id) => isThere(id, index / 2))
      .map((id) => ({
        id,
        class: 'person' as const,
        box: [80, 10, 90, 50] as [number, number, number, number],
        visibility: 1,
      })),
  }))
}

const entries = (found: readonly SceneFrame[]): SceneEvent[] =>
  findEvents(
    {
      ...watch,
      rules: [
        {
          ...{ id: 'entry', kind: 'intrusion' as const, zone: 'all', classes: ['person' as const] },
          ...{ severity: 'high' as const, cooldownMs: 60_000, minHeight: 0 },
        } as never,
      ],
    },
    found,
    SIZE,
  )

t.test('a camera on a tour stays, turns, and is back where it began', async (t) => {
  t.strictSame(headingAt(TOUR, 3), { turn: 0, view: 0 })
  t.match(headingAt(TOUR, 11), { turn: 0.5, view: undefined })
  t.strictSame(headingAt(TOUR, 13), { turn: 1, view: 1 })
  t.strictSame(headingAt(TOUR, 25), { turn: 0, view: 0 })
  t.strictSame(headingAt(undefined, 25), { turn: 0, view: 0 })
})

t.test('who is there before the camera turns away and after it is back has stayed', async (t) => {
  const seen = eventsSeen(
    TOUR,
    entries,
    frames(60, (id) => id === 1),
  )
  t.strictSame(
    seen.map(({ atMs, subjects }) => [atMs, subjects]),
    [[0, [1]]],
  )
})

t.test('who comes while it is turned away is told when it is back, at the time of the clock', async (t) => {
  const seen = eventsSeen(
    TOUR,
    entries,
    frames(60, (id, second) => id === 1 || second >= 15),
  )
  t.strictSame(
    seen.map(({ atMs, subjects }) => [atMs, subjects]),
    [
      [0, [1]],
      [24_000, [2]],
    ],
  )
  const late = eventsSeen(
    TOUR,
    entries,
    frames(60, (id, second) => id === 2 && second >= 27),
  )
  t.strictSame(
    late.map(({ atMs }) => atMs),
    [27_000],
  )
})

t.test(
  'who leaves in the view and is back there later is told twice; without a tour time is as it is',
  async (t) => {
    const comesAndGoes = (id: number, second: number) => id === 1 && (second < 4 || second >= 26)
    t.equal(eventsSeen(TOUR, entries, frames(60, comesAndGoes)).length, 2)
    const all = frames(60, comesAndGoes)
    t.strictSame(eventsSeen(undefined, entries, all), entries(all))
  },
)
