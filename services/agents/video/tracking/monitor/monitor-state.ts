import { z } from 'zod'
import { cameraEventSchema } from '#schemas/camera-event.ts'
import { trackingSummarySchema } from '#schemas/monitor-steps.ts'
import { EMPTY_RULES, ruleStateSchema } from '../rules/rule-engine.ts'
import { EMPTY_TRACKER, trackerStateSchema } from '../track/track-state.ts'
import { frameOrderSchema, NO_FRAMES } from './frame-order.ts'
import { latencyHistogramSchema } from './latency-histogram.ts'
import { NO_TALLIES, talliesSchema } from './tallies.ts'
import { NEW_TIMELINE, timelineSchema } from './timeline.ts'

/** What is known of a camera after a frame. */
export const monitorStateSchema = z.object({
  timeline: timelineSchema,
  order: frameOrderSchema,
  tracker: trackerStateSchema,
  rules: ruleStateSchema,
  tallies: talliesSchema,
})
export type MonitorState = z.infer<typeof monitorStateSchema>

export const NEW_MONITOR: MonitorState = {
  timeline: NEW_TIMELINE,
  order: NO_FRAMES,
  tracker: EMPTY_TRACKER,
  rules: EMPTY_RULES,
  tallies: NO_TALLIES,
}

/** What the next owner of a camera goes on from. */
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
