import { z } from 'zod'
import { alertSchema } from './alert.ts'
import { blobRefSchema } from './blob.ts'
import { frameCountsSchema } from './camera.ts'
import type { SEVERITIES } from './watch-rule.ts'

const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })

/** What the capture step ends with. */
export const captureSummarySchema = z.object({
  camera: z.string(),
  /** Why it ended. */
  ended: z.enum(['end of source', 'duration', 'stopped', 'source failed']),
  reason: z.string().optional(),
  source: z.object({ width: z.int(), height: z.int(), fps: z.number().optional() }).optional(),
  frames: frameCountsSchema.pick({ decoded: true, droppedAtCapture: true }),
  reconnects: z.int(),
  durationMs: z.number(),
  clip: blobRefSchema.optional(),
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
})
export type TrackingSummary = z.infer<typeof trackingSummarySchema>

/** The result of a task of type `monitor`. */
export const monitorSummarySchema = z.object({
  schema: z.literal('murmuration.monitor/1'),
  camera: z.string(),
  ended: captureSummarySchema.shape.ended,
  reason: z.string().optional(),
  source: captureSummarySchema.shape.source,
  durationMs: z.number(),
  frames: frameCountsSchema,
  reconnects: z.int(),
  detections: z.int(),
  tracks: trackingSummarySchema.shape.tracks,
  peak: trackingSummarySchema.shape.peak,
  mean: trackingSummarySchema.shape.mean,
  /** Capture to tracked, and capture to alert raised. Milliseconds. */
  latencyMs: z.object({ tracked: percentilesSchema, alert: percentilesSchema.optional() }),
  model: z.string().optional(),
  alertsBySeverity: z.object({
    critical: z.int(),
    high: z.int(),
    medium: z.int(),
    low: z.int(),
  } satisfies Record<(typeof SEVERITIES)[number], z.ZodType>),
  /** Most urgent first; the first 200. */
  alerts: z.array(alertSchema).max(200),
  clip: blobRefSchema.optional(),
})
export type MonitorSummary = z.infer<typeof monitorSummarySchema>
