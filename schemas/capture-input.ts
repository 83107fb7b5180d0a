import { z } from 'zod'
import { monitorRequestSchema } from './monitor-request.ts'
import { watchRuleSchema } from './watch-rule.ts'

const { source, camera, pace, fps, loop, durationMs, minScore, annotatedClip, zones, lines } =
  monitorRequestSchema.shape

/** What the capture step of a monitor gets: where the video comes from, how it is read, and when its camera counts as lost. */
export const captureInputSchema = z.object({
  source,
  camera,
  pace,
  fps,
  loop,
  durationMs,
  minScore,
  annotatedClip,
  /** Drawn into the clip. */
  zones,
  lines,
  /** Only these are told by capture itself; all others are the tracker's. */
  rules: z
    .array(watchRuleSchema)
    .max(128)
    .default([])
    .transform((rules) => rules.filter((rule) => rule.kind === 'camera-offline')),
})
export type CaptureInput = z.infer<typeof captureInputSchema>
export type CaptureInputInput = z.input<typeof captureInputSchema>
export type OfflineRule = CaptureInput['rules'][number]

export const captureInputExample: CaptureInputInput = {
  source: { kind: 'url', url: 'rtsp://192.0.2.10:554/stream1' },
  camera: 'yard',
  rules: [{ id: 'yard-offline', kind: 'camera-offline', afterMs: 5000 }],
}
