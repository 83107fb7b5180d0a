import { z } from 'zod'
import { taskIdSchema, tenantSchema } from './identifiers.ts'
import { classScoresSchema, modelNameSchema, tilingSchema } from './model-names.ts'
import { paceSchema } from './monitor-request.ts'

/**
 * What capture did not send to the detectors because nothing moved. What is missing in the numbers and not counted here was lost.
 */
export const frameGateSchema = z.object({
  /** Frames of this epoch that were not sent for that, up to this message. */
  gated: z.int().min(0),
  /** The last frame before this message in which something moved, whether it was sent or not: whoever knows what is in it, or in a later one, has missed nothing. */
  after: z.int().min(0),
  /** The last frame that was not sent, if the one before this message was not. */
  last: z
    .object({ seq: z.int().min(1), capturedAtMs: z.number(), atMs: z.number(), mediaMs: z.number() })
    .optional(),
})
export type FrameGate = z.infer<typeof frameGateSchema>

/**
 * The header of a message on `frames.<tenant>.<camera>`. The message is: its length (4 bytes, big endian), the header as JSON, then
 * width × contentHeight × 3 bytes of pixels in planes: all green, all blue, all red (what ffmpeg calls gbrp; a plane is then
 * copied into a model's tensor as it is). The grey rows below the content are not sent: for a picture of 4:3 and a square
 * network they would be a quarter of it.
 */
export const frameHeaderSchema = z.object({
  v: z.literal(1),
  camera: z.string(),
  /** Whose camera it is; `default` where it does not say. */
  tenant: tenantSchema.optional(),
  /** The monitor task that it belongs to. */
  monitor: taskIdSchema,
  /** When this capture began, Unix milliseconds: one that takes over has a later one, and frames of an earlier one are ignored. */
  epoch: z.number(),
  /** 1, 2, 3 … within the epoch; what is missing was dropped. */
  seq: z.int().min(1),
  /** When the frame was here, less what its lag was by the stream's own time. Unix milliseconds: where latency is counted from. */
  capturedAtMs: z.number(),
  /** Time of the event shown, Unix milliseconds: that of the wall for cameras, start + position for recorded sources. */
  atMs: z.number(),
  /** Position in the source since its start, milliseconds; goes on over loops. */
  mediaMs: z.number(),
  pace: paceSchema,
  /** Of the picture that the network looks at, the grey border included. */
  width: z.int().min(16).max(4096),
  height: z.int().min(16).max(4096),
  /** The part from the top left that shows the source; the rest is grey (114). Within width and height. */
  contentWidth: z.int().min(1),
  contentHeight: z.int().min(1),
  minScore: z.number().optional(),
  /** With pace `complete`: the first frame that has not come back. What is before it never comes again. */
  oldest: z.int().min(1).optional(),
  /** Where a class or label begins at another score. */
  scores: classScoresSchema.optional(),
  /** The model that is to look at it; without one the detector's own. */
  model: modelNameSchema.optional(),
  /** Whether it was taken or drawn. */
  origin: z.enum(['real', 'scene']).optional(),
  /** The picture is cut into so many overlapping parts of this size, which is one of the model's inputs. Pixels. */
  tiles: z
    .object({ ...tilingSchema.shape, width: z.int().min(16).max(4096), height: z.int().min(16).max(4096) })
    .optional(),
  gate: frameGateSchema.optional(),
})
export type FrameHeader = z.infer<typeof frameHeaderSchema>

export const frameHeaderExample: FrameHeader = {
  v: 1,
  camera: 'yard',
  monitor: 'kq3v9x',
  epoch: 1_790_000_000_000,
  seq: 17,
  capturedAtMs: 1_790_000_001_700,
  atMs: 1_790_000_001_700,
  mediaMs: 1700,
  pace: 'live',
  width: 416,
  height: 256,
  contentWidth: 416,
  contentHeight: 234,
}
