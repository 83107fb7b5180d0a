import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detection, Detections } from '#schemas/detection.ts'
import { type TrackingInputInput, trackingInputSchema } from '#schemas/monitor-steps.ts'
import { createRandom } from '../../../../services/agents/video/scenes/random.ts'
import {
  type MonitorState,
  monitorStateSchema,
  NEW_MONITOR,
} from '../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import {
  type MonitorSetup,
  monitorSetup,
  stepMonitor,
} from '../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import { START_MS } from './tracking-fixtures.ts'

/** What a script has happen: what is detected at a moment, and what the whole picture shows. */
export interface Script {
  seconds: number
  fps?: number
  at(ms: number): Detection[]
  view?(ms: number): string | undefined
}

export const EVERYWHERE = {
  id: 'all',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as [number, number][],
}
/** Whatever appears anywhere is told. */
export const ANYTHING: Pick<TrackingInputInput, 'zones' | 'rules'> = {
  zones: [EVERYWHERE],
  rules: [{ id: 'anything', kind: 'intrusion', zone: 'all' }],
}

/** What is raised when a script is played to a monitor whose state is written and read again now and then. */
export function play(
  script: Script,
  watched: Omit<TrackingInputInput, 'camera'> = ANYTHING,
  setup: Partial<MonitorSetup> = {},
): { events: CameraEvent[]; state: MonitorState } {
  const input = trackingInputSchema.parse({ camera: 'script', ...watched })
  const plan = { ...monitorSetup(input, { monitor: 'script', tenant: 'default', minScore: 0.35 }), ...setup }
  const intervalMs = 1000 / (script.fps ?? 5)
  const events: CameraEvent[] = []
  let state = NEW_MONITOR
  for (let seq = 1; (seq - 1) * intervalMs <= script.seconds * 1000; seq++) {
    const ms = Math.round((seq - 1) * intervalMs)
    const view = script.view?.(ms)
    const seen: Detections = {
      ...{ v: 1, camera: 'script', monitor: 'script', epoch: 1, seq, pace: 'live', skipped: 0, inferMs: 0 },
      ...{ capturedAtMs: 0, atMs: START_MS + ms, mediaMs: ms, model: 'truth', detector: 'test' },
      detections: script.at(ms),
      ...(view !== undefined && { view }),
    }
    const step = stepMonitor(plan, state, seen, 0)
    state = seq % 500 === 0 ? monitorStateSchema.parse(JSON.parse(JSON.stringify(step.state))) : step.state
    events.push(...step.events)
  }
  return { events, state }
}

/** Boxes as a detector gives them: some percent off, now and then missing. */
export function trembling(seed: number, { off = 0.03, missed = 0.05 } = {}) {
  const random = createRandom(seed)
  return (detections: readonly Detection[]): Detection[] =>
    detections.flatMap((detection) => {
      if (random.next() < missed) return []
      const [left, top, right, bottom] = detection.box
      const by = (size: number) => random.between(-off, off) * size
      const box = [
        left + by(right - left),
        top + by(bottom - top),
        right + by(right - left),
        bottom + by(bottom - top),
      ].map((value) => Math.min(1, Math.max(0, value))) as Detection['box']
      return [{ ...detection, score: random.between(0.45, 0.9), box }]
    })
}

const hours = (n: number) => n * 3600
export const minutesMs = (n: number) => n * 60_000
export const HOURS = { one: hours(1), four: hours(4) }
