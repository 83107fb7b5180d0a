import type { Detections } from '../../schemas/detection.ts'
import { trackingInputExample, trackingInputSchema } from '../../schemas/monitor-steps.ts'
import { NEW_MONITOR } from '../../services/agents/video/tracking/monitor/monitor-state.ts'
import { monitorSetup, stepMonitor } from '../../services/agents/video/tracking/monitor/step-monitor.ts'
import { percentileOrNaN } from '../bench/measure.ts'

const FRAMES = 600
const INTERVAL_MS = 100

/** How long the tracker and all rules take for one frame in which so many people walk. Milliseconds, the second half of the run. */
export function measureTracking(people: number): { p50: number; p95: number } {
  const input = trackingInputSchema.parse(trackingInputExample)
  const setup = monitorSetup(input, { monitor: 'm', tenant: 'default', minScore: 0.35 })
  const startMs = Date.now()
  const took: number[] = []
  let state = NEW_MONITOR
  for (let seq = 1; seq <= FRAMES; seq++) {
    const frame = frameOf(people, seq, startMs)
    const beganMs = performance.now()
    state = stepMonitor(setup, state, frame, startMs).state
    took.push(performance.now() - beganMs)
  }
  const sorted = took.slice(FRAMES / 2).toSorted((a, b) => a - b)
  return { p50: percentileOrNaN(sorted, 0.5), p95: percentileOrNaN(sorted, 0.95) }
}

/** People in rows of six, each at a pace of its own; who leaves the picture on the right comes in on the left. */
function frameOf(people: number, seq: number, startMs: number): Detections {
  return {
    v: 1,
    camera: 'yard',
    monitor: 'm',
    epoch: 1,
    seq,
    atMs: startMs + seq * INTERVAL_MS,
    mediaMs: seq * INTERVAL_MS,
    capturedAtMs: startMs,
    pace: 'live',
    model: 'bench',
    detector: 'bench',
    skipped: 0,
    inferMs: 1,
    detections: Array.from({ length: people }, (_, n) => {
      const x = ((n % 6) / 6 + seq * (0.001 + n / 10_000)) % 1
      const y = 0.3 + Math.floor(n / 6) / 8
      const box = [x - 0.02, y - 0.12, x + 0.02, y].map((v) => Math.min(1, Math.max(0, v)))
      return { class: 'person', label: 'person', score: 0.8, box: box as [number, number, number, number] }
    }),
  }
}
