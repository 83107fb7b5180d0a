import t from 'tap'
import type { Detections, GatedFrame } from '#schemas/detection.ts'
import { trackingInputExample, trackingInputSchema } from '../../../../../schemas/monitor-steps.ts'
import {
  monitorStateSchema,
  NEW_MONITOR,
} from '../../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import {
  monitorSetup,
  stepMonitor,
} from '../../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import { person, START_MS } from '../tracking-fixtures.ts'

t.test('a rule that names a zone that is not there is refused', async (t) => {
  t.throws(
    () => trackingInputSchema.parse({ ...trackingInputExample, zones: [] }),
    /there is no zone \\"gate\\"/,
  )
})

t.test('a monitor goes on from its state as JSON as if nothing had happened', async (t) => {
  const input = trackingInputSchema.parse(trackingInputExample)
  const setup = monitorSetup(input, { monitor: 'm', tenant: 'default', minScore: 0.35 })
  const people = Array.from({ length: 30 }, (_, n) => ({
    x: (n % 6) / 6,
    y: 0.3 + Math.floor(n / 6) / 8,
    n,
  }))
  const at = (seq: number): Detections => ({
    ...{
      v: 1,
      camera: 'yard',
      monitor: 'm',
      epoch: 1,
      seq,
      atMs: START_MS + seq * 100,
      mediaMs: seq * 100,
    },
    ...{ capturedAtMs: START_MS, pace: 'live', model: 'test', detector: 'd', skipped: 0, inferMs: 1 },
    detections: people.map(({ x, y, n }) => person([(x + seq * (0.001 + n / 10_000)) % 1, y])),
  })
  let straight = NEW_MONITOR
  let resumed = NEW_MONITOR
  const events: string[][] = [[], []]
  for (let seq = 1; seq <= 300; seq++) {
    const one = stepMonitor(setup, straight, at(seq), START_MS)
    const other = stepMonitor(setup, resumed, at(seq), START_MS)
    events[0]!.push(...one.events.map(({ id }) => id))
    events[1]!.push(...other.events.map(({ id }) => id))
    straight = one.state
    resumed = monitorStateSchema.parse(JSON.parse(JSON.stringify(other.state)))
  }
  t.strictSame(JSON.parse(JSON.stringify(resumed)), JSON.parse(JSON.stringify(straight)))
  t.ok(events[0]!.length > 3, `${events[0]!.length} events`)
  t.strictSame(events[1], events[0])
  t.equal(straight.tallies.peak.persons >= 28, true)
})

/** Somebody walks up, stands in the middle from 3 s on, and is looked at only now and then. */
function standing(options: {
  rules: object[]
  analysedEveryMs: number
  noticeEveryMs: number
  isLost?: boolean
}) {
  const zone = {
    id: 'all',
    polygon: [
      [0.3, 0.3],
      [0.7, 0.3],
      [0.7, 0.8],
      [0.3, 0.8],
    ] as [number, number][],
  }
  const input = trackingInputSchema.parse({ camera: 'yard', zones: [zone], rules: options.rules })
  const setup = monitorSetup(input, { monitor: 'm', tenant: 'default', minScore: 0.35 })
  const events: { rule: string; mediaMs: number; atMs: number }[] = []
  let state = NEW_MONITOR
  let gated = 0
  let last: GatedFrame['gate']['last']
  for (let seq = 1; seq <= 300; seq++) {
    const mediaMs = seq * 100
    const atMs = START_MS + mediaMs
    const about = { camera: 'yard', monitor: 'm', epoch: 1, seq, capturedAtMs: atMs, atMs, mediaMs }
    const header = { v: 1, pace: 'live', ...about } as const
    const gate = { gated, after: 30, ...(last && { last }) }
    const isAnalysed = mediaMs <= 3000 || mediaMs % options.analysedEveryMs === 0
    if (!isAnalysed) {
      gated++
      last = { seq, capturedAtMs: atMs, atMs, mediaMs }
      if (mediaMs % options.noticeEveryMs !== 0) continue
    }
    const x = mediaMs < 3000 ? 0.2 + (0.3 * mediaMs) / 3000 : 0.5
    const people = [person([x, 0.6]), person([x, 0.45])]
    const seen = { model: 'test', detector: 'd', skipped: 0, inferMs: 1, detections: people }
    // The last frame in which something moved got lost.
    if (options.isLost && seq === 30) continue
    const step = stepMonitor(
      setup,
      state,
      isAnalysed
        ? { ...header, ...seen, ...(gated > 0 && { gate }) }
        : { ...header, gated: true, gate: { ...gate, gated, ...(last && { last }) } },
      atMs,
    )
    state = monitorStateSchema.parse(JSON.parse(JSON.stringify(step.state)))
    if (isAnalysed) last = undefined
    for (const { rule, mediaMs: at } of step.events)
      events.push({ rule: rule.id, mediaMs: at, atMs: mediaMs })
  }
  return { events, state }
}
const stay = { id: 'stay', kind: 'loitering', zone: 'all', dwellMs: 10_000 }
const pair = { id: 'pair', kind: 'crowd', zone: 'all', minCount: 2, holdMs: 12_000 }

t.test('nothing moves: who stands is still there, and dwell and hold go on', async (t) => {
  const everyFrame = standing({ rules: [stay, pair], analysedEveryMs: 100, noticeEveryMs: 100 })
  t.equal(everyFrame.events.length, 3)
  const often = standing({ rules: [stay, pair], analysedEveryMs: 2000, noticeEveryMs: 200 })
  t.equal(often.state.tracker.confirmed.person, 2)
  t.strictSame(
    often.events.map(({ rule }) => rule),
    everyFrame.events.map(({ rule }) => rule),
  )
  often.events.forEach((event, i) => {
    t.ok(Math.abs(event.mediaMs - everyFrame.events[i]!.mediaMs) <= 100, 'when it was')
    t.ok(event.atMs - everyFrame.events[i]!.atMs <= 200, 'when it was told')
  })
  t.match(often.state.order, { analysed: 44, gated: 256 })
})

t.test('never told of single frames, a tracker takes the time from the next look', async (t) => {
  const { events, state } = standing({ rules: [stay, pair], analysedEveryMs: 2000, noticeEveryMs: 60_000 })
  t.equal(state.tracker.confirmed.person, 2, 'the same two')
  t.equal(events.length, 3)
})

t.test('the last motion was never seen: nobody knows who is there until the next look', async (t) => {
  const { state } = standing({ rules: [], analysedEveryMs: 2000, noticeEveryMs: 200, isLost: true })
  t.match(state.order, { gated: 256, analysed: 43 })
  t.equal(state.tracker.confirmed.person, 2, 'who was lost for a second is found again')
})
