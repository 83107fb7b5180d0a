import t from 'tap'
import type { Detection } from '#schemas/detection.ts'
import { encodeView, VIEW } from '../../../../../services/agents/video/appearance/view.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { NO_VIEW, stepView } from '../../../../../services/agents/video/tracking/monitor/view-presets.ts'
import { ANYTHING, minutesMs, play, trembling } from '../scripts.ts'
import { person, vehicle } from '../tracking-fixtures.ts'

/** A wide world of edges; a camera sees a part of it, from a column on. */
const WORLD = 200
const random = createRandom(5)
const world = Array.from({ length: WORLD * VIEW.rows }, () => random.int(0, 15))
const noise = createRandom(6)
function viewFrom(
  column: number,
  change: (level: number) => number = (level) => level,
  more = 0,
  inRow: (row: number) => number = () => 0,
): string {
  const cells = new Uint8Array(VIEW.columns * VIEW.rows)
  for (let y = 0; y < VIEW.rows; y++)
    for (let x = 0; x < VIEW.columns; x++) {
      const seen = world[y * WORLD + Math.min(WORLD - 1, Math.round(column) + x)]!
      const level = change(seen) + inRow(y) + noise.int(-1 - more, 1 + more)
      cells[y * VIEW.columns + x] = Math.min(15, Math.max(0, Math.round(level)))
    }
  return encodeView(cells)
}

/** Three views, 20 s each, and 3 s of turning from one to the next: where it is, and whether it turns. */
const PRESETS = [0, 60, 120]
function tour(ms: number): { column: number; stop: number | undefined } {
  const leg = Math.floor(ms / 23_000)
  const from = PRESETS[leg % 3]!
  const to = PRESETS[(leg + 1) % 3]!
  const turning = (ms % 23_000) - 20_000
  return turning < 0
    ? { column: from, stop: leg % 3 }
    : { column: from + ((to - from) * turning) / 3000, stop: undefined }
}

t.test('a tour: each view is known again, and turning is noticed', async (t) => {
  let state = NO_VIEW
  const seen: string[] = []
  for (let ms = 0; ms < 9 * 23_000; ms += 200) {
    state = stepView(state, viewFrom(tour(ms).column), ms)
    const now = state.moving ? 'moving' : String(state.preset)
    if (seen.at(-1) !== now) seen.push(now)
  }
  t.strictSame(
    seen.filter((what) => what !== 'moving'),
    ['1', '2', '3', '1', '2', '3', '1', '2', '3'],
  )
  t.equal(state.presets.length, 3)
})

t.test(
  'a camera that turns slowly, by a part of what it shows, is in no view until it has come to rest',
  async (t) => {
    // Four cells a second, at ten frames: beside the picture before it nothing has changed.
    const near = [0, 9, 18]
    const column = (ms: number) => {
      const leg = Math.floor(ms / 15_000)
      const share = Math.max(0, (ms % 15_000) - 12_500) / 2500
      return near[leg % 3]! + (near[(leg + 1) % 3]! - near[leg % 3]!) * share
    }
    let state = NO_VIEW
    const seen: [what: string, atMs: number][] = []
    for (let ms = 0; ms < 9 * 15_000; ms += 100) {
      state = stepView(state, viewFrom(column(ms)), ms)
      const now = state.moving ? 'moving' : String(state.preset)
      if (seen.at(-1)?.[0] !== now) seen.push([now, ms])
    }
    const views = seen.filter(([what]) => what !== 'moving')
    t.strictSame(
      views.map(([what]) => what),
      ['1', '2', '3', '1', '2', '3', '1', '2', '3'],
    )
    for (const [what, atMs] of views.slice(1)) t.ok(atMs % 15_000 < 1500, `${what} at ${atMs} ms, at rest`)
    t.equal(state.presets.length, 3)
  },
)

/** A street from every side: houses above, where edges are many, and a road below. */
const street = (column: number, more = 0) =>
  viewFrom(
    column,
    (level) => level * 0.45,
    more,
    (row) => (row < 6 ? 8 : 1),
  )

t.test(
  'streets are told apart that have houses above and a road below from every side; in rain, too',
  async (t) => {
    for (const rain of [0, 2]) {
      let state = NO_VIEW
      const seen: string[] = []
      for (let ms = 0; ms < 6 * 23_000; ms += 200) {
        state = stepView(state, street(tour(ms).column, rain), ms)
        const now = state.moving ? 'moving' : String(state.preset)
        if (seen.at(-1) !== now) seen.push(now)
      }
      t.strictSame(
        seen.filter((what) => what !== 'moving'),
        ['1', '2', '3', '1', '2', '3'],
        `noise of ${rain + 1} levels`,
      )
    }
  },
)

t.test('night, fog, lamps that flicker and a lorry before the lens are no other view', async (t) => {
  const views = {
    night: (ms: number) => viewFrom(0, ms > 5000 ? (level) => level * 0.4 + 2 : undefined),
    fog: (ms: number) => viewFrom(0, ms > 5000 && ms < 15_000 ? () => 3 : undefined),
    flicker: (ms: number) => viewFrom(0, (ms / 200) % 2 ? (level) => level * 0.6 : undefined),
  }
  for (const [what, view] of Object.entries(views)) {
    let state = NO_VIEW
    for (let ms = 0; ms < 20_000; ms += 200) {
      state = stepView(state, view(ms), ms)
      t.notOk(state.moving, `${what} at ${ms} ms`)
    }
    t.equal(state.presets.length, 1, what)
  }
})

t.test('without views, and with those of another version, there is one view', async (t) => {
  t.strictSame(stepView(NO_VIEW, undefined, 0), NO_VIEW)
  t.strictSame(stepView(NO_VIEW, '9abc', 0), NO_VIEW)
})

t.test('on a tour that goes on, each parked car and the one visit are told once', async (t) => {
  const seen = trembling(2)
  const cars: Detection[][] = [
    [vehicle([0.1, 0.4, 0.3, 0.55]), vehicle([0.6, 0.5, 0.8, 0.65])],
    [vehicle([0.4, 0.5, 0.6, 0.65])],
    [],
  ]
  const at = (ms: number) => {
    const { stop, column } = tour(ms)
    // What is in the picture while it turns slides through it.
    if (stop === undefined) return seen([vehicle([(column % 10) / 20, 0.4, (column % 10) / 20 + 0.2, 0.55])])
    const visit =
      ms > minutesMs(10) && ms < minutesMs(10) + 12_000
        ? [person([0.2 + (ms - minutesMs(10)) / 30_000, 0.9])]
        : []
    return seen([...cars[stop]!, ...visit])
  }
  const { events } = play({ seconds: 1400, at, view: (ms) => viewFrom(tour(ms).column) }, ANYTHING)
  t.strictSame(
    events.map(({ message, preset }) => `${message} ${preset ?? 1}`),
    [
      'Vehicle entered all 1',
      'Vehicle entered all 1',
      'Vehicle entered all 2',
      `Person entered all ${(tour(minutesMs(10)).stop ?? 0) + 1}`,
    ],
  )
})

t.test('a zone of one view holds in that view alone', async (t) => {
  const at = (ms: number) => (tour(ms).stop === undefined ? [] : [person([0.5, 0.5])])
  const zone = { ...ANYTHING.zones![0]!, preset: 2 }
  const { events } = play(
    { seconds: 140, at, view: (ms) => viewFrom(tour(ms).column) },
    { ...ANYTHING, zones: [zone] },
  )
  t.strictSame(
    events.map(({ preset }) => preset),
    [2],
  )
})
