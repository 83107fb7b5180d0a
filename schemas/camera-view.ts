import { z } from 'zod'
import { cameraStateSchema } from './camera.ts'
import { TOKEN_PATTERN } from './identifiers.ts'

/**
 * How a camera stands that a task watches. Beside what its capture says of it (`CAMERA_STATUSES`): `waiting`, nobody has taken it yet;
 * `unwatched`, whoever had taken it is not heard any more.
 */
export const CAMERA_VIEW_STATUSES = [
  'live',
  'lagging',
  'connecting',
  'waiting',
  'blind',
  'unwatched',
  'offline',
  'ended',
] as const
export const cameraViewStatusSchema = z.enum(CAMERA_VIEW_STATUSES)
export type CameraViewStatus = z.infer<typeof cameraViewStatusSchema>

const {
  camera,
  monitor,
  reason,
  fps,
  analysedFps,
  lagMs,
  ageMs,
  analysedAtMs,
  reconnects,
  cuts,
  model,
  modelWarning,
  decoding,
  input,
  mainStream,
  source,
} = cameraStateSchema.shape

/** What is looked at: the camera's main stream, or a substream beside it. */
export const DETECT_STREAMS = ['main', 'substream'] as const

/** A camera as it stands now, with what its capture said of it last. */
export const cameraViewSchema = z.object({
  camera,
  /** The task that watches it. */
  monitor,
  status: cameraViewStatusSchema,
  /** Why it is so, for people. */
  reason,
  /** Since when it is so. Unix milliseconds. */
  sinceMs: z.number(),
  site: z.string().optional(),
  /** When its capture was heard last; missing until it was. Unix milliseconds. */
  heardAtMs: z.number().optional(),
  fps,
  analysedFps,
  lagMs,
  ageMs,
  analysedAtMs,
  model,
  modelWarning,
  /** The stream that detection reads. `source` is what that one gives, `mainStream` how the other one is. */
  detectStream: z.enum(DETECT_STREAMS).optional(),
  source,
  mainStream,
  decoding,
  input,
  /** Frames since the monitor began: decoded, not looked at because nothing new was to be seen (`gated`), and lost on the way. */
  frames: z.object({
    decoded: z.int().min(0),
    droppedAtCapture: z.int().min(0),
    droppedAtDetection: z.int().min(0),
    gated: z.int().min(0).optional(),
  }),
  reconnects,
  cuts,
})
export type CameraView = z.infer<typeof cameraViewSchema>

/** `murmur.cameras.list` */
export const listCamerasRequestSchema = z.strictObject({
  status: cameraViewStatusSchema.optional(),
  camera: z.string().regex(TOKEN_PATTERN).optional(),
})
export type ListCamerasRequest = z.infer<typeof listCamerasRequestSchema>

export const MAX_LISTED_CAMERAS = 1000

export const listCamerasResponseSchema = z.object({
  /** By name; the first 1000. */
  cameras: z.array(cameraViewSchema).max(MAX_LISTED_CAMERAS),
  /** How many there are that were asked for. */
  total: z.int().min(0),
})
export type ListCamerasResponse = z.infer<typeof listCamerasResponseSchema>

/** Cameras of all tenants, by how they are. */
export const cameraCountsSchema = z.array(z.object({ status: cameraViewStatusSchema, count: z.int().min(0) }))
export type CameraCounts = z.infer<typeof cameraCountsSchema>

export const cameraViewExample: CameraView = {
  camera: 'yard',
  monitor: 'kq3v9x',
  status: 'blind',
  reason: 'no detector answers: none runs, or it hangs',
  sinceMs: 1_790_000_050_000,
  heardAtMs: 1_790_000_060_000,
  fps: 10,
  analysedFps: 0,
  lagMs: 40,
  ageMs: 180,
  analysedAtMs: 1_790_000_045_000,
  model: 'yolox-nano',
  detectStream: 'substream',
  source: { width: 640, height: 360, fps: 25 },
  mainStream: { status: 'live', source: { width: 1920, height: 1080 } },
  decoding: { method: 'vaapi' },
  input: { width: 416, height: 256, border: 0.09 },
  frames: { decoded: 600, droppedAtCapture: 0, droppedAtDetection: 4, gated: 420 },
  reconnects: 0,
  cuts: 0,
}
