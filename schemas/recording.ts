import { z } from 'zod'
import { cameraEventSchema } from './camera-event.ts'
import { taskIdSchema, tenantSchema } from './identifiers.ts'
import { cameraSchema } from './monitor-request.ts'

/** Names a folder of recordings: made once, with the folder. */
const storeSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const momentSchema = z.int().min(0)
const spanShape = { fromMs: momentSchema, toMs: momentSchema }
/** What can be asked for at once. Milliseconds. */
export const MAX_SPAN_MS = 31 * 86_400_000
/** As long as a clip may be. Milliseconds. */
export const MAX_CLIP_MS = 86_400_000

function checkSpan(maxMs: number) {
  return ({ fromMs, toMs }: { fromMs: number; toMs: number }, context: z.RefinementCtx): void => {
    if (toMs <= fromMs)
      context.addIssue({ code: 'custom', path: ['toMs'], message: 'must be later than fromMs' })
    else if (toMs - fromMs > maxMs)
      context.addIssue({
        code: 'custom',
        path: ['toMs'],
        message: `must be within ${maxMs / 3_600_000} h of fromMs`,
      })
  }
}

/** What a node has of a camera. Times are those of the wall: Unix milliseconds. */
export const cameraRecordingSchema = z.object({
  camera: z.string(),
  store: storeSchema,
  /** Of the oldest and the newest recording; missing when there is none. */
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
  /** Video, and detections beside it. Bytes. */
  bytes: z.int(),
  /** Of that, around events. Bytes. */
  alertBytes: z.int(),
  segments: z.int(),
  /** Since when detections are kept. */
  detectionsFromMs: z.number().optional(),
  isRecording: z.boolean(),
  /** Why nothing is recorded although a monitor captures it. */
  reason: z.string().max(1000).optional(),
})
export type CameraRecording = z.infer<typeof cameraRecordingSchema>

/** `murmur.recordings.list` */
export const listRecordingsRequestSchema = z.strictObject({ camera: cameraSchema.optional() })
export const listRecordingsResponseSchema = z.object({
  recordings: z.array(cameraRecordingSchema),
  /** Nodes that did not answer: what they have is not here. */
  missing: z.array(storeSchema),
})
export type ListRecordingsResponse = z.infer<typeof listRecordingsResponseSchema>

/** `murmur.recordings.timeline` */
export const getTimelineRequestSchema = z
  .strictObject({
    camera: cameraSchema,
    ...spanShape,
    /** Length of the parts that activity is told by. At least 5 s, and at most 5000 parts. Milliseconds. */
    stepMs: z.int().min(5000).max(86_400_000).optional(),
  })
  .superRefine(checkSpan(MAX_SPAN_MS))
export type GetTimelineRequest = z.infer<typeof getTimelineRequestSchema>

/** Video without an interruption. */
export const recordedSpanSchema = z.object({
  ...spanShape,
  store: storeSchema,
  monitor: z.string(),
  codec: z.string(),
  width: z.number(),
  height: z.number(),
})
/** What was going on in a part of a span. */
export const activitySchema = z.object({
  atMs: z.number(),
  /** Looked at. */
  frames: z.int(),
  /** The most at the same time. */
  persons: z.int(),
  vehicles: z.int(),
  /** The most of a picture that moved, from 0 to 1; missing where that was not measured. */
  motion: z.number().optional(),
})
export const timelineEventSchema = cameraEventSchema
  .pick({ id: true, monitor: true, subject: true, message: true, atMs: true, direction: true, count: true })
  .extend({
    rule: z.string(),
    kind: cameraEventSchema.shape.rule.shape.kind,
    severity: cameraEventSchema.shape.rule.shape.severity,
  })
export const getTimelineResponseSchema = z.object({
  camera: z.string(),
  ...spanShape,
  stepMs: z.int(),
  spans: z.array(recordedSpanSchema),
  events: z.array(timelineEventSchema),
  activity: z.array(activitySchema),
  /** There were more spans or events than an answer holds: the first of them are here. */
  isCut: z.boolean(),
  missing: z.array(storeSchema),
})
export type Timeline = z.infer<typeof getTimelineResponseSchema>

const clipShape = { camera: cameraSchema, ...spanShape, monitor: taskIdSchema.optional() }
/** `murmur.recordings.clips` */
export const findClipsRequestSchema = z.strictObject(clipShape).superRefine(checkSpan(MAX_CLIP_MS))
export type FindClipsRequest = z.infer<typeof findClipsRequestSchema>

/** A file that is put together while it is read: a span of one camera, of one node, in one format. */
export const clipSchema = z.object({
  store: storeSchema,
  /** Which, of those that the node has of the span. */
  part: z.int().min(0),
  /** The same as long as it is made of the same recordings. */
  etag: z.string().max(64),
  bytes: z.int(),
  /** It begins with a key frame: up to a few seconds before what was asked for. */
  ...spanShape,
  /** Shown: what is missing takes a second at most. Milliseconds. */
  durationMs: z.int(),
  frames: z.int(),
  codec: z.string(),
  width: z.number(),
  height: z.number(),
  gaps: z.array(z.object(spanShape)).max(1000),
})
export type Clip = z.infer<typeof clipSchema>
export const findClipsResponseSchema = z.object({ clips: z.array(clipSchema), missing: z.array(storeSchema) })
export type FindClipsResponse = z.infer<typeof findClipsResponseSchema>

/** `murmur.recordings.read`: answered with bytes, fewer at the end of the clip. */
export const readClipRequestSchema = z
  .strictObject({
    ...clipShape,
    store: storeSchema,
    part: z.int().min(0),
    etag: z.string().max(64),
    offset: z.int().min(0),
    bytes: z
      .int()
      .min(1)
      .max(512 * 1024),
  })
  .superRefine(checkSpan(MAX_CLIP_MS))
export type ReadClipRequest = z.infer<typeof readClipRequestSchema>

/** `murmur.recordings.detections`: what was seen, for whoever runs rules over it. */
export const readDetectionsRequestSchema = z
  .strictObject({
    tenant: tenantSchema,
    camera: cameraSchema,
    ...spanShape,
    /** Where the last answer ended. */
    cursor: z.string().max(256).optional(),
  })
  // And what was before it, so that who was there then is known.
  .superRefine(checkSpan(MAX_SPAN_MS + 86_400_000))
export type ReadDetectionsRequest = z.infer<typeof readDetectionsRequestSchema>
export const readDetectionsResponseSchema = z.object({
  /** Lines, compressed (zstd), base64. */
  blocks: z.array(z.string()),
  nextCursor: z.string().optional(),
  missing: z.array(storeSchema),
})
export type ReadDetectionsResponse = z.infer<typeof readDetectionsResponseSchema>

/** Around an alert, unless said otherwise. Milliseconds. */
export const CLIP_BEFORE_MS = 10_000
export const CLIP_AFTER_MS = 20_000

/** The span that belongs to an alert. Pure. */
export function spanOfAlert(
  { camera, monitor, atMs }: { camera: string; monitor: string; atMs: number },
  { beforeMs, afterMs }: { beforeMs?: number | undefined; afterMs?: number | undefined } = {},
): FindClipsRequest {
  return {
    ...{ camera, monitor },
    fromMs: Math.max(0, Math.round(atMs - (beforeMs ?? CLIP_BEFORE_MS))),
    toMs: Math.round(atMs + Math.max(1, afterMs ?? CLIP_AFTER_MS)),
  }
}

/** The clip that a moment is in; of several, or of none, that which shows the most. Pure. */
export function bestClipAt(clips: readonly Clip[], atMs: number): Clip | undefined {
  const holding = clips.filter(({ fromMs, toMs }) => fromMs <= atMs && toMs >= atMs)
  const candidates = holding.length > 0 ? holding : clips
  return candidates.toSorted((a, b) => b.durationMs - a.durationMs)[0]
}

/** How long a link to the clip of an alert holds: a day unless given, thirty at most. */
export const linkClipRequestSchema = z.strictObject({
  expiresInSec: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(86_400),
})

/** `recordings.stores.<store>`: sent every two seconds by each process that has recordings. */
export const storeHeartbeatSchema = z.object({ store: storeSchema })

export const clipExample: Clip = {
  store: '0f8fad5b-d9cb-469f-a165-70867728950e',
  part: 0,
  etag: '9f86d081884c7d659a2feaa0c55ad015',
  bytes: 4_718_592,
  fromMs: 1_790_000_000_000,
  toMs: 1_790_000_030_000,
  durationMs: 30_000,
  frames: 750,
  codec: 'avc1',
  width: 1920,
  height: 1080,
  gaps: [],
}
