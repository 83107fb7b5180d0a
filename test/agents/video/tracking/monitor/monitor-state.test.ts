import t from 'tap'
import { createLatencyHistogram } from '../../../../../services/agents/video/tracking/monitor/latency-histogram.ts'
import {
  NEW_MONITOR,
  summarise,
  trackingProgressNote,
} from '../../../../../services/agents/video/tracking/monitor/monitor-state.ts'

t.test('the summary: means over analysed frames, dropped ones by what the capture counted', async (t) => {
  const state = {
    ...NEW_MONITOR,
    order: { epoch: 1, seq: 8, recent: [], analysed: 4, late: 1, expected: 8 },
    tallies: {
      detections: 9,
      peak: { persons: 3, vehicles: 1 },
      sum: { persons: 6, vehicles: 2 },
      events: [['gate', 2]] as [string, number][],
      model: 'm',
    },
  }
  const summary = summarise('yard', state, createLatencyHistogram(), {
    epoch: 1,
    decoded: 12,
    droppedAtCapture: 2,
  })
  t.strictSame(summary, {
    camera: 'yard',
    // 10 were sent, 4 analysed, 1 late.
    frames: { analysed: 4, late: 1, droppedAtDetection: 5 },
    detections: 9,
    tracks: { person: 0, vehicle: 0 },
    peak: { persons: 3, vehicles: 1 },
    mean: { persons: 1.5, vehicles: 0.5 },
    events: { gate: 2 },
    latencyMs: { p50: 0, p95: 0, p99: 0, max: 0 },
    model: 'm',
  })
})

t.test('a monitor without a frame has a summary of zeros, and no model', async (t) => {
  const summary = summarise('yard', NEW_MONITOR, createLatencyHistogram())
  t.strictSame(summary.mean, { persons: 0, vehicles: 0 })
  t.notOk('model' in summary)
})

t.test('the note on progress counts in singular and plural', async (t) => {
  t.equal(trackingProgressNote({ persons: 3, vehicles: 1 }, 2), '3 persons, 1 vehicle · 2 alerts')
  t.equal(trackingProgressNote({ persons: 1, vehicles: 0 }, 1), '1 person, 0 vehicles · 1 alert')
})
