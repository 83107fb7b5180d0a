import t from 'tap'
import type { Detections } from '#schemas/detection.ts'
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
