import { z } from 'zod'
import { alertSchema } from './alert.ts'
import { blobRefSchema } from './blob.ts'
import { frameCountsSchema } from './camera.ts'
import { checkReferences, monitorRequestSchema, watchRulesShape } from './monitor-request.ts'
import { siteSchema } from './site.ts'
import { isCameraRule, type SEVERITIES, watchRuleSchema } from './watch-rule.ts'

/** What the three steps of a monitor are given, what they end with, and the result of the whole. */

const {
  source,
  detectSource,
  camera,
  pace,
  fps,
  analyse,
  idleFps,
  sensitivity,
  loop,
  startsAt,
  durationMs,
  minScore,
  annotatedClip,
  record,
  zones,
  lines,
} = monitorRequestSchema.shape
const { scores, model, tiles } = monitorRequestSchema.shape

/** What the capture step of a monitor gets: where the video comes from, how it is read, and when its camera counts as lost. */
export const captureInputSchema = z.object({
  source,
  /** What is analysed, where that is another stream of the same camera. */
  detectSource,
  camera,
  pace,
  fps,
  analyse,
  idleFps,
  sensitivity,
  loop,
  startsAt,
  durationMs,
  minScore,
  scores,
  model,
  tiles,
  annotatedClip,
  record,
  /** Drawn into the clip. */
  zones,
  lines,
  /** Only these are told by capture itself; all others are the tracker's. */
  rules: z
    .array(watchRuleSchema)
    .max(128)
    .default([])
    .transform((rules) => rules.filter(isCameraRule)),
})
export type CaptureInput = z.infer<typeof captureInputSchema>
export type CaptureInputInput = z.input<typeof captureInputSchema>
export type OfflineRule = Extract<CaptureInput['rules'][number], { kind: 'camera-offline' }>

export const captureInputExample: CaptureInputInput = {
  source: { kind: 'url', url: 'rtsp://192.0.2.10:554/stream1' },
  camera: 'yard',
  rules: [{ id: 'yard-offline', kind: 'camera-offline', afterMs: 5000 }],
}

/** What the tracking step of a monitor gets: which camera, and what is watched for. */
export const trackingInputSchema = z
  .object({
    camera,
    minScore,
    scores,
    model,
    /** Whether its video is drawn: which model it takes goes by that. */
    isScene: z.boolean().optional(),
    ...watchRulesShape,
  })
  .superRefine(checkReferences)
export type TrackingInput = z.infer<typeof trackingInputSchema>
export type TrackingInputInput = z.input<typeof trackingInputSchema>

export const trackingInputExample: TrackingInputInput = {
  camera: 'yard',
  zones: [
    {
      id: 'gate',
      polygon: [
        [0.1, 0.5],
        [0.4, 0.5],
        [0.4, 0.9],
        [0.1, 0.9],
      ],
    },
  ],
  rules: [{ id: 'gate-access', kind: 'intrusion', zone: 'gate' }],
}

const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })

/** What the capture step ends with. */
export const captureSummarySchema = z.object({
  camera: z.string(),
  /** Why it ended. */
  ended: z.enum(['end of source', 'duration', 'stopped', 'source failed']),
  reason: z.string().optional(),
  source: z.object({ width: z.int(), height: z.int(), fps: z.number().optional() }).optional(),
  /** When a recording begins, and who says so: the request, the file, or nobody: then it is when it was read. Unix milliseconds. */
  recording: z.object({ startsAtMs: z.number(), from: z.enum(['request', 'file', 'clock']) }).optional(),
  frames: frameCountsSchema.pick({ decoded: true, droppedAtCapture: true, gated: true }),
  reconnects: z.int(),
  /** Times that a backlog was cut; missing from captures of an earlier version. */
  cuts: z.int().optional(),
  durationMs: z.number(),
  clip: blobRefSchema.optional(),
  /** Why there is no annotated clip though it was asked for. */
  clipFault: z.string().max(1000).optional(),
})
export type CaptureSummary = z.infer<typeof captureSummarySchema>

/** What the tracking step ends with. */
export const trackingSummarySchema = z.object({
  camera: z.string(),
  frames: frameCountsSchema.pick({ analysed: true, late: true, droppedAtDetection: true }),
  detections: z.int(),
  /** Confirmed tracks. */
  tracks: z.object({ person: z.int(), vehicle: z.int() }),
  /** The most at the same time. */
  peak: z.object({ persons: z.int(), vehicles: z.int() }),
  /** Mean of confirmed objects a frame. */
  mean: z.object({ persons: z.number(), vehicles: z.number() }),
  events: z.record(z.string(), z.int()),
  /** Capture to tracked. Milliseconds. */
  latencyMs: percentilesSchema,
  model: z.string().optional(),
  modelWarning: z.string().max(200).optional(),
})
export type TrackingSummary = z.infer<typeof trackingSummarySchema>

/** What the `summary` step of a monitor is given: how the other two ended. */
export const alertingInputSchema = z.object({
  camera: z.string(),
  /** Where the camera is: what a site has kept while its link was cut may still be on its way. */
  site: siteSchema.optional(),
  capture: captureSummarySchema,
  tracking: trackingSummarySchema,
})
export type AlertingInput = z.infer<typeof alertingInputSchema>

/** The result of a task of type `monitor`. */
export const monitorSummarySchema = z.object({
  schema: z.literal('murmuration.monitor/1'),
  camera: z.string(),
  ended: captureSummarySchema.shape.ended,
  reason: z.string().optional(),
  source: captureSummarySchema.shape.source,
  recording: captureSummarySchema.shape.recording,
  durationMs: z.number(),
  frames: frameCountsSchema,
  reconnects: z.int(),
  detections: z.int(),
  tracks: trackingSummarySchema.shape.tracks,
  peak: trackingSummarySchema.shape.peak,
  mean: trackingSummarySchema.shape.mean,
  /** Capture to tracked, and capture to alert raised. Milliseconds. */
  latencyMs: z.object({ tracked: percentilesSchema, alert: percentilesSchema.optional() }),
  /** The model that looked last, and what speaks against relying on it here. */
  model: z.string().optional(),
  modelWarning: z.string().max(200).optional(),
  alertsBySeverity: z.object({
    critical: z.int(),
    high: z.int(),
    medium: z.int(),
    low: z.int(),
  } satisfies Record<(typeof SEVERITIES)[number], z.ZodType>),
  /** Most urgent first; the first 200. */
  alerts: z.array(alertSchema).max(200),
  clip: blobRefSchema.optional(),
  clipFault: captureSummarySchema.shape.clipFault,
})
export type MonitorSummary = z.infer<typeof monitorSummarySchema>
