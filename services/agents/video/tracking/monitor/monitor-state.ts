import { z } from 'zod'
import { cameraEventSchema } from '#schemas/camera-event.ts'
import { type TrackingSummary, trackingSummarySchema } from '#schemas/monitor-steps.ts'
import { EMPTY_RULES, ruleStateSchema } from '../rules/rule-engine.ts'
import { EMPTY_TRACKER, trackerStateSchema } from '../track/track-state.ts'
import { eventGroupsSchema } from './event-groups.ts'
import {
  type CaptureCounts,
  droppedFrames,
  frameOrderSchema,
  NEW_TIMELINE,
  NO_FRAMES,
  timelineSchema,
} from './frame-sequence.ts'
import { type LatencyHistogram, latencyHistogramSchema } from './latency-histogram.ts'
import { NO_TALLIES, talliesSchema } from './tallies.ts'
import { viewStateSchema } from './view-presets.ts'

/** What is known of a camera after a frame. */
export const monitorStateSchema = z.object({
  timeline: timelineSchema,
  order: frameOrderSchema,
  tracker: trackerStateSchema,
  rules: ruleStateSchema,
  tallies: talliesSchema,
  view: viewStateSchema.optional(),
  groups: eventGroupsSchema.optional(),
})
export type MonitorState = z.infer<typeof monitorStateSchema>

export const NEW_MONITOR: MonitorState = {
  timeline: NEW_TIMELINE,
  order: NO_FRAMES,
  tracker: EMPTY_TRACKER,
  rules: EMPTY_RULES,
  tallies: NO_TALLIES,
}

/** What the next instance of a camera goes on from. */
export const checkpointSchema = z.object({
  v: z.literal(1),
  state: monitorStateSchema,
  latency: latencyHistogramSchema,
  /** Raised, and perhaps not stored yet: to be published (again). */
  events: z.array(cameraEventSchema),
  /** Once the video has ended: what came of it. */
  summary: trackingSummarySchema.optional(),
})
export type Checkpoint = z.infer<typeof checkpointSchema>

/** What came of a monitor; `captureCounts` is what its capture counted, if that is known. Pure. */
export function summarise(
  camera: string,
  { order, tracker, tallies }: MonitorState,
  latency: LatencyHistogram,
  captureCounts?: CaptureCounts,
): TrackingSummary {
  const { detections, peak, sum, events, model, modelWarning } = tallies
  const frames = Math.max(1, order.analysed)
  return {
    camera,
    frames: {
      analysed: order.analysed,
      late: order.late,
      droppedAtDetection: droppedFrames(order, captureCounts),
    },
    detections,
    tracks: tracker.confirmed,
    peak,
    mean: { persons: sum.persons / frames, vehicles: sum.vehicles / frames },
    events: Object.fromEntries(events),
    latencyMs: latency.percentiles(),
    ...(model !== undefined && { model }),
    ...(modelWarning !== undefined && { modelWarning }),
  }
}

/** For people: `3 persons, 1 vehicle · 2 alerts`. Pure. */
export function trackingProgressNote(now: { persons: number; vehicles: number }, alerts: number): string {
  const objects = `${counted(now.persons, 'person')}, ${counted(now.vehicles, 'vehicle')}`
  return `${objects} · ${counted(alerts, 'alert')}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
