import fc from 'fast-check'
import t from 'tap'
import type { Detections } from '#schemas/detection.ts'
import { trackingInputExample, trackingInputSchema } from '#schemas/tracking-input.ts'
import {
  advanceTo,
  droppedFrames,
  NEW_TIMELINE,
  NO_FRAMES,
  orderFrame,
} from '../../../../services/agents/video/tracking/monitor/frame-sequence.ts'
import { createLatencyHistogram } from '../../../../services/agents/video/tracking/monitor/latency-histogram.ts'
import {
  monitorStateSchema,
  NEW_MONITOR,
  progressNote,
} from '../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import { monitorSetup, stepMonitor } from '../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import {
  crossedMessage,
  crowdMessage,
  enteredMessage,
  stayedMessage,
} from '../../../../services/agents/video/tracking/rules/rule-event.ts'
import { person, START_MS } from './tracking-fixtures.ts'

t.test('the time line never goes back, and always leads back to the time that came', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (times) => {
      let line = NEW_TIMELINE
      let before = Number.NEGATIVE_INFINITY
      return times.every((atMs) => {
        const next = advanceTo(line, atMs)
        const isRight = next.lastMs > before && next.lastMs + next.offsetMs === atMs
        line = next
        before = next.lastMs
        return isRight
      })
    }),
  )
})

t.test('every frame is analysed, late or dropped, in whatever order they come', async () => {
  const frame = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), seq: fc.integer({ min: 1, max: 60 }) })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 100 }), (given) => {
      const came = given.toSorted((a, b) => a.epoch - b.epoch)
      let order = NO_FRAMES
      const verdicts = came.map((frame) => {
        const judged = orderFrame(order, frame)
        order = judged.order
        return judged.verdict
      })
      const distinct = new Set(came.map(({ epoch, seq }) => `${epoch} ${seq}`)).size
      const newest = [1, 2, 3].map((epoch) =>
        Math.max(0, ...came.filter((frame) => frame.epoch === epoch).map(({ seq }) => seq)),
      )
      const sent = newest.reduce((sum, seq) => sum + seq, 0)
      return (
        order.analysed === verdicts.filter((verdict) => verdict === 'next').length &&
        order.analysed + order.late === distinct &&
        order.analysed + order.late + droppedFrames(order) === sent
      )
    }),
  )
})

t.test(
  'frames after the last that came are dropped ones too, when the capture says how many it sent',
  async (t) => {
    const { order } = orderFrame(NO_FRAMES, { epoch: 5, seq: 8 })
    t.equal(droppedFrames(order), 7)
    t.equal(droppedFrames(order, { epoch: 5, decoded: 12, droppedAtCapture: 2 }), 9)
    t.equal(
      droppedFrames(order, { epoch: 6, decoded: 3, droppedAtCapture: 0 }),
      10,
      'none came of the new epoch',
    )
  },
)

t.test('percentiles are those of all values, within their buckets', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 1 }), (values) => {
      const histogram = createLatencyHistogram()
      for (const value of values) histogram.record(value)
      const resumed = createLatencyHistogram(JSON.parse(JSON.stringify(histogram)))
      const sorted = values.toSorted((a, b) => a - b)
      const { p50, p95, p99, max } = resumed.percentiles()
      const near = (got: number, share: number) => {
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!
        return Math.abs(got - exact) <= exact * 0.051
      }
      return near(p50, 0.5) && near(p95, 0.95) && near(p99, 0.99) && max === sorted.at(-1)
    }),
  )
  t.strictSame(createLatencyHistogram().percentiles(), { p50: 0, p95: 0, p99: 0, max: 0 })
})

t.test('sentences', async (t) => {
  t.equal(enteredMessage('person', 'gate'), 'Person entered gate')
  t.equal(crowdMessage(4, ['person'], 'plaza', 2000), '4 persons in plaza for 2 s')
  t.equal(crowdMessage(5, ['person', 'vehicle'], undefined, 0), '5 objects in the picture')
  t.equal(crossedMessage('vehicle', 'exit', 'left-to-right'), 'Vehicle crossed exit from left to right')
  t.equal(stayedMessage('person', 'yard', 10_000), 'Person stays in yard for 10 s')
  t.equal(stayedMessage('person', 'yard', 1500), 'Person stays in yard for 1.5 s')
  t.equal(stayedMessage('vehicle', 'yard', 180_000), 'Vehicle stays in yard for 3 min')
  t.equal(progressNote({ persons: 3, vehicles: 1 }, 2), '3 persons, 1 vehicle · 2 alerts')
})

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
