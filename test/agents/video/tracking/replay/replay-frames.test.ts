import t from 'tap'
import { z } from 'zod'
import { detectionsSchema, gatedFrameSchema } from '#schemas/detection.ts'
import { trackingInputSchema } from '#schemas/monitor-steps.ts'
import { rulesReplayInputSchema } from '#schemas/rules-replay.ts'
import {
  framesIn,
  headOf,
  lineOf,
  type ObservedFrame,
} from '../../../../../services/agents/video/recordings/observations/frame-line.ts'
import { NEW_MONITOR } from '../../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import {
  monitorSetup,
  stepMonitor,
} from '../../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import {
  NEW_REPLAY,
  type ReplayedEvent,
  type ReplayState,
  stepReplay,
} from '../../../../../services/agents/video/tracking/replay/replay-frames.ts'
import { DEFAULT_MIN_SCORE } from '../../../../../services/agents/video/tracking/track/track-options.ts'
import { person, START_MS, ZONE } from '../tracking-fixtures.ts'

const INSIDE = [0.5, 0.5] as const
const OUTSIDE = [0.1, 0.2] as const

function input(about: object = {}) {
  return rulesReplayInputSchema.parse({
    ...{ camera: 'yard', fromMs: START_MS, toMs: START_MS + 60_000, zones: [ZONE] },
    rules: [{ id: 'gate', kind: 'intrusion', zone: ZONE.id, cooldownMs: 10_000 }],
    ...about,
  })
}

/** A frame as it is kept, of somebody who stands there. */
function frame(
  atMs: number,
  at: readonly [number, number],
  about: Partial<ObservedFrame> = {},
  monitor = 'm1',
): ObservedFrame {
  const capturedAtMs = START_MS + atMs
  return {
    seen: {
      ...{ v: 1, camera: 'yard', monitor, epoch: 1, seq: 1 + atMs / 100, pace: 'live' },
      ...{
        capturedAtMs,
        atMs: capturedAtMs,
        mediaMs: Math.max(0, atMs),
        model: 'm',
        detector: 'd',
        skipped: 0,
        inferMs: 1,
      },
      detections: [person([...at])],
    },
    ...about,
  }
}

/** Somebody who stands outside for a second, and then in the zone for another. */
function visit(fromMs: number, monitor = 'm1'): ObservedFrame[] {
  return Array.from({ length: 20 }, (_, i) => frame(fromMs + i * 100, walkTo(i), {}, monitor))
}
/** Over ten frames to the zone, without a leap that no tracker follows. */
function walkTo(i: number): readonly [number, number] {
  const share = Math.min(1, i / 10)
  return [OUTSIDE[0] + (INSIDE[0] - OUTSIDE[0]) * share, OUTSIDE[1] + (INSIDE[1] - OUTSIDE[1]) * share]
}

function replay(frames: readonly ObservedFrame[], given = input()) {
  let state: ReplayState = NEW_REPLAY
  const events: ReplayedEvent[] = []
  for (const each of frames) {
    const step = stepReplay(given, 'acme', state, each)
    state = step.state
    events.push(...step.events)
  }
  return { state, events }
}

t.test('who comes into a zone is raised once, for the tenant of the camera', async (t) => {
  const { state, events } = replay(visit(1000))
  t.match(events, [{ tenant: 'acme', monitor: 'm1', camera: 'yard', rule: { id: 'gate' }, isAlert: true }])
  t.match(state, { frames: 20, late: 0, firstMs: START_MS + 1000, lastMs: START_MS + 2900 })
})

t.test('what was before the span is known, and neither counted nor told', async (t) => {
  const { state, events } = replay([...visit(-3000), frame(0, INSIDE)])
  t.strictSame(events, [], 'they were inside already')
  t.match(state, { frames: 1, firstMs: START_MS, lastMs: START_MS })
})

t.test('what is at the end of the span or behind it, or of another monitor, is left out', async (t) => {
  const given = input({ toMs: START_MS + 1000 })
  t.equal(replay([frame(900, INSIDE), frame(1000, INSIDE)], given).state.frames, 1)
  const other = replay(visit(1000, 'm2'), input({ monitor: 'm1' }))
  t.strictSame([other.state, other.events], [NEW_REPLAY, []])
})

t.test('frames that came too late are counted, and change nothing of what is tracked', async (t) => {
  const late = visit(1000).map((each): ObservedFrame => ({ ...each, unused: 'late' }))
  const { state, events } = replay(late)
  t.match(state, { frames: 20, late: 20 })
  t.equal(state.monitors.size, 0)
  t.strictSame(events, [])
  t.equal(replay([{ ...frame(-100, INSIDE), unused: 'late' }]).state.late, 0, 'before the span')
})

t.test('a crowd that walks into a zone is as many events, and the one alert that it was live', async (t) => {
  const walk = (i: number, lane: number) => person([walkTo(i)[0], walkTo(i)[1] + lane * 0.15])
  const crowd = (fromMs: number) =>
    visit(fromMs).map((each, i): ObservedFrame => {
      const detections = [walk(i, 0), walk(i - 2, -1), walk(i - 4, 1)]
      return { ...each, seen: { ...each.seen, detections } }
    })
  const first = replay(crowd(1000))
  t.strictSame(
    first.events.map(({ isAlert, group }) => [isAlert, group?.subjects]),
    [
      [true, 1],
      [false, 2],
      [false, 3],
    ],
  )
  // Another one, later: a new alert, and the group before it is forgotten.
  const { state, events } = replay([...crowd(1000), ...crowd(200_000)], input({ toMs: START_MS + 600_000 }))
  t.equal(events.filter(({ isAlert }) => isAlert).length, 2)
  t.equal(state.monitors.get('m1')?.raised.size, 1)
})

t.test('two monitors of a camera are tracked apart', async (t) => {
  const both = [...visit(1000), ...visit(1000, 'm2')].toSorted((a, b) => a.seen.atMs - b.seen.atMs)
  const { state, events } = replay(both)
  t.equal(state.monitors.size, 2)
  t.strictSame(
    events.map(({ monitor, isAlert }) => [monitor, isAlert]),
    [
      ['m1', true],
      ['m2', true],
    ],
  )
})

t.test('detections count from where they did then, or from where the request says', async (t) => {
  const weak = visit(1000).map((each): ObservedFrame => ({ ...each, minScore: 0.9 }))
  t.strictSame(replay(weak).events, [], 'the model was asked for more then')
  t.equal(replay(weak, input({ minScore: 0.3 })).events.length, 1)
})

t.test('a frame that does not read as detections is passed over', async (t) => {
  const { detections: _none, ...seen } = frame(1000, INSIDE).seen
  t.strictSame(replay([{ seen }]), { state: NEW_REPLAY, events: [] })
})

/** Somebody comes into the zone and stands there: nothing moves, and it is looked at every two seconds. */
function stay(): ObservedFrame[] {
  const coming = visit(0)
  const account = { gated: 1, after: 20 }
  const standing = Array.from({ length: 100 }, (_, i): ObservedFrame => {
    const { seen } = frame(2000 + i * 100, INSIDE)
    const gate = { ...account, gated: i + 1 }
    if (i % 20 === 19) return { seen: { ...seen, gate } }
    const { detections: _none, model: _model, detector: _detector, skipped, inferMs, ...own } = seen
    return { seen: { ...own, gated: true, gate } }
  })
  return [...coming, ...standing]
}

t.test(
  'frames in which nothing moved: the same events as live, on the same frames, kept as lines',
  async (t) => {
    const rules = [{ id: 'stay', kind: 'loitering', zone: ZONE.id, dwellMs: 5000 }]
    const given = input({ rules })
    const frames = stay()
    const kept = framesIn([headOf(frames[0]!), ...frames.map((each) => lineOf(each))].join('\n'))
    t.equal(kept.filter(({ seen }) => 'gated' in seen).length, 95)
    const setup = monitorSetup(trackingInputSchema.parse({ camera: 'yard', zones: [ZONE], rules }), {
      ...{ monitor: 'm1', tenant: 'acme', minScore: DEFAULT_MIN_SCORE },
    })
    let state = NEW_MONITOR
    const live = frames.flatMap(({ seen }) => {
      const message = z.union([detectionsSchema, gatedFrameSchema]).parse(seen)
      const step = stepMonitor(setup, state, message, message.capturedAtMs)
      state = step.state
      return step.events
    })
    const past = replay(kept, given)
    t.strictSame(
      past.events.map(({ isAlert: _isAlert, ...event }) => event),
      live,
    )
    t.match(live, [{ rule: { id: 'stay' }, subject: 'track-1' }])
    t.strictSame(past.state.monitors.get('m1')?.state, state)
  },
)

t.test('a step changes nothing of the state before it', async (t) => {
  const { state } = replay(visit(1000).slice(0, 12))
  const before = structuredClone(state)
  replayFrom(state, visit(1000).slice(12))
  t.strictSame(state, before)
})

function replayFrom(from: ReplayState, frames: readonly ObservedFrame[]): void {
  let state = from
  for (const each of frames) state = stepReplay(input(), 'acme', state, each).state
}
