import { z } from 'zod'
import { frameGateSchema, frameHeaderSchema } from './frame.ts'
import { boxSchema } from './geometry.ts'
import { objectClassSchema } from './watch-rule.ts'

/** One object that a model sees in one frame. */
export const detectionSchema = z.object({
  class: objectClassSchema,
  /** What the model itself calls it: `car`, `truck` … */
  label: z.string().max(64),
  score: z.number().min(0).max(1),
  /** Shares of the source's picture. */
  box: boxSchema,
})
export type Detection = z.infer<typeof detectionSchema>

const frameIdentitySchema = frameHeaderSchema.pick({
  v: true,
  camera: true,
  monitor: true,
  epoch: true,
  seq: true,
  capturedAtMs: true,
  atMs: true,
  mediaMs: true,
  pace: true,
})

/** `detections.<tenant>.<camera>`: what was seen in one frame. */
export const detectionsSchema = frameIdentitySchema.extend({
  detections: z.array(detectionSchema).max(1000),
  model: z.string(),
  /** The instance that looked. */
  detector: z.string(),
  /** Frames of this camera and epoch that this instance let go, because newer ones were there, since it began. */
  skipped: z.int().min(0),
  /** Share of this frame in the time that the network took for its batch. Milliseconds. */
  inferMs: z.number(),
  /** As the frame had it: which frames before it were not looked at because nothing moved. */
  gate: frameGateSchema.optional(),
})
export type Detections = z.infer<typeof detectionsSchema>

/**
 * Also on `detections.<tenant>.<camera>`, from capture: this frame was not looked at, because nothing has moved since `gate.after`. What
 * was there is still there.
 */
export const gatedFrameSchema = frameIdentitySchema.extend({ gated: z.literal(true), gate: frameGateSchema })
export type GatedFrame = z.infer<typeof gatedFrameSchema>

/** A size of picture that a model takes. Pixels. */
const inputSizeSchema = z.object({ width: z.int(), height: z.int() })

/** `murmur.detection.info`: what the detectors run; captures scale to it. */
export const detectorInfoSchema = z.object({
  model: z.string(),
  /** `cpu`, `cuda`, `tensorrt`, `webgpu` … */
  provider: z.string(),
  classes: z.array(z.string()),
  /** Sizes of input that it takes, best first; a capture chooses the one that wastes the least border on its source. */
  inputs: z.array(inputSizeSchema).min(1),
  minScore: z.number(),
})
export type DetectorInfo = z.infer<typeof detectorInfoSchema>

export const detectorInfoExample: DetectorInfo = {
  model: 'yolox-nano',
  provider: 'cpu',
  classes: ['person', 'vehicle'],
  inputs: [{ width: 416, height: 416 }],
  minScore: 0.35,
}

export const MODEL_HEADS = ['yolox-raw', 'yolox-decoded', 'detr'] as const
/** How a network says what it sees; docs/detection.md has the shapes. */
export const modelHeadSchema = z.enum(MODEL_HEADS)
export type ModelHead = z.infer<typeof modelHeadSchema>

/** What has to be known about a model file beside its bytes. A file `x.onnx` may have it beside it as `x.json`. */
export const modelManifestSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  head: modelHeadSchema,
  /** Names of the network's classes in its order. What is no person and no vehicle is ignored. */
  classes: z.array(z.string().min(1).max(64)).min(1).max(1000),
  /** Below this a detection is noise, unless a monitor says otherwise. */
  scoreThreshold: z.number().min(0.01).max(0.99),
  bytes: z.int().min(1).optional(),
  /** Lower-case hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  license: z.string().max(200).optional(),
})
export type ModelManifest = z.infer<typeof modelManifestSchema>

export const modelManifestExample: ModelManifest = {
  name: 'yard-tuned',
  head: 'yolox-raw',
  classes: ['person', 'car'],
  scoreThreshold: 0.4,
}
