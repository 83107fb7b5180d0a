import { z } from 'zod'
import { frameHeaderSchema } from './frame.ts'
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
  /** What it looks like, for comparison with others: a version and a histogram, services/agents/video/appearance. */
  look: z.string().max(160).optional(),
})
export type Detection = z.infer<typeof detectionSchema>

/** `detections.<tenant>.<camera>`: what was seen in one frame. */
export const detectionsSchema = frameHeaderSchema
  .pick({
    v: true,
    camera: true,
    monitor: true,
    epoch: true,
    seq: true,
    capturedAtMs: true,
    atMs: true,
    mediaMs: true,
    pace: true,
    oldest: true,
  })
  .extend({
    /** The network can't look at this frame of a reading that loses none: nothing is known of it, and it is not sent again. */
    failed: z.literal(true).optional(),
    detections: z.array(detectionSchema).max(1000),
    /** What the whole picture shows, so that a camera that turns is noticed: services/agents/video/appearance. */
    view: z.string().max(512).optional(),
    model: z.string(),
    /** The instance that looked. */
    detector: z.string(),
    /** Frames of this camera and epoch that this instance let go, because newer ones were there, since it began. */
    skipped: z.int().min(0),
    /** Share of this frame in the time that the network took for its batch. Milliseconds. */
    inferMs: z.number(),
  })
export type Detections = z.infer<typeof detectionsSchema>

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
