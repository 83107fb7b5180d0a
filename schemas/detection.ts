import { z } from 'zod'
import { frameGateSchema, frameHeaderSchema } from './frame.ts'
import { boxSchema } from './geometry.ts'
import { instanceIdSchema } from './identifiers.ts'
import { classScoresSchema, modelNameSchema } from './model-names.ts'
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

/** Which frame of which reading it is about. */
export const frameIdentitySchema = frameHeaderSchema.pick({
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
  oldest: frameHeaderSchema.shape.oldest,
  /** The network can't look at this frame of a reading that loses none: nothing is known of it, and it is not sent again. */
  failed: z.literal(true).optional(),
  detections: z.array(detectionSchema).max(1000),
  /** What the whole picture shows, so that a camera that turns is noticed: services/agents/video/appearance. */
  view: z.string().max(512).optional(),
  model: z.string(),
  /** Why what this model says of this source is not to be relied on; absent where nothing speaks against it. */
  modelWarning: z.string().max(200).optional(),
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
 * `gated-frames.<tenant>.<camera>`, from capture: this frame was not looked at, because nothing has moved since `gate.after`. What
 * was there is still there.
 */
export const gatedFrameSchema = frameIdentitySchema.extend({ gated: z.literal(true), gate: frameGateSchema })
export type GatedFrame = z.infer<typeof gatedFrameSchema>

/** A size of picture that a model takes. Pixels. */
const inputSizeSchema = z.object({ width: z.int(), height: z.int() })

/** `murmur.detection.info`: what the detectors run where nobody names a model; captures scale to it. */
export const detectorInfoSchema = z.object({
  model: z.string(),
  /** `cpu`, `cuda`, `tensorrt`, `webgpu` … */
  provider: z.string(),
  classes: z.array(z.string()),
  /** Sizes of input that it takes, best first; a capture chooses the one that wastes the least border on its source. */
  inputs: z.array(inputSizeSchema).min(1),
  minScore: z.number(),
  /** Where a class or label begins at another score. */
  scores: classScoresSchema.optional(),
  /** The instance that answers, and how long its network has worked on what it has in hand. Missing from earlier versions. */
  instance: z.string().max(128).optional(),
  busyMs: z.number().min(0).optional(),
})
export type DetectorInfo = z.infer<typeof detectorInfoSchema>

export const detectorInfoExample: DetectorInfo = {
  model: 'yolox-nano',
  provider: 'cpu',
  classes: ['person', 'vehicle'],
  inputs: [{ width: 416, height: 416 }],
  minScore: 0.35,
}

/** `detectors.heartbeat.<instance>`: every second, from each detector. */
export const detectorHeartbeatSchema = z.object({
  instance: instanceIdSchema,
  /** What it runs. */
  models: z.array(z.string().max(128)).max(64),
  provider: z.string().max(64),
  /** Frames that it has looked at a second, lately. */
  fps: z.number().min(0),
  /** When it last said what it saw; missing until it has. Unix milliseconds. */
  answeredAtMs: z.number().optional(),
  /** How long its network has worked on what it has in hand; 0 while there is nothing. Milliseconds. */
  busyMs: z.number().min(0),
  status: z.enum(['ready', 'stopped']),
  startedAtMs: z.number(),
})
export type DetectorHeartbeat = z.infer<typeof detectorHeartbeatSchema>

/** A network that has worked on one batch for longer hangs: the slowest model needs a second. Milliseconds. */
export const DETECTOR_HANGS_AFTER_MS = 5000

/** A detector as orchestrators know it. */
export const detectorViewSchema = detectorHeartbeatSchema.omit({ status: true }).extend({
  /** `hung`: its network does not come back. `silent`: it was not heard for some seconds, and has not said that it stops. */
  state: z.enum(['ready', 'hung', 'silent']),
  lastSeenMs: z.number(),
})
export type DetectorView = z.infer<typeof detectorViewSchema>

export const detectorViewExample: DetectorView = {
  instance: 'detection-1',
  models: ['yolox-nano'],
  provider: 'cpu',
  fps: 38.5,
  answeredAtMs: 1_790_000_059_900,
  busyMs: 20,
  startedAtMs: 1_790_000_000_000,
  state: 'ready',
  lastSeenMs: 1_790_000_060_000,
}

export const MODEL_HEADS = ['yolox-raw', 'yolox-decoded', 'detr'] as const
/** How a network says what it sees; docs/detection.md has the shapes. */
export const modelHeadSchema = z.enum(MODEL_HEADS)
export type ModelHead = z.infer<typeof modelHeadSchema>

const manifestSide = z.int().min(32).max(2048).multipleOf(32)
const manifestInputSchema = z.object({ width: manifestSide, height: manifestSide })

/** What a model learned from: pictures that were drawn, or taken. */
export const MODEL_DOMAINS = ['rendered', 'photographs'] as const

/** What is known of how well a model sees. */
export const modelCardSchema = z.object({
  trainedOn: z.string().min(1).max(300),
  domain: z.enum(MODEL_DOMAINS),
  /** Each measurement says what it was made on, and by whom. */
  measured: z
    .array(
      z.object({
        on: z.string().min(1).max(300),
        by: z.string().min(1).max(200),
        /** Average precision at an overlap of one half, by class or label. */
        ap50: z.record(z.string().max(64), z.number().min(0).max(1)).optional(),
        note: z.string().max(500).optional(),
      }),
    )
    .max(20)
    .default([]),
  cannotSee: z.array(z.string().min(1).max(300)).max(20).default([]),
})
export type ModelCard = z.infer<typeof modelCardSchema>

/** What has to be known about a model file beside its bytes. A file `x.onnx` may have it beside it as `x.json`. */
export const modelManifestSchema = z.object({
  name: modelNameSchema,
  head: modelHeadSchema,
  /** Names of the network's classes in its order. What is no person and no vehicle is ignored. */
  classes: z.array(z.string().min(1).max(64)).min(1).max(1000),
  /** Below this a detection is noise, unless a monitor says otherwise. */
  scoreThreshold: z.number().min(0.01).max(0.99),
  /** Where a class or one of the network's labels begins at another score. */
  scores: classScoresSchema.optional(),
  /** Sizes of picture to offer, best first, for a network that takes any. Pixels, multiples of 32. */
  inputs: z.array(manifestInputSchema).min(1).max(8).optional(),
  card: modelCardSchema.optional(),
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

/** A model that a detector has, or can have. */
export const offeredModelSchema = z.object({
  name: modelNameSchema,
  /** `ready`: it looks at frames. `here`: its file is there, nobody needed it yet. `fetchable`: it has to be fetched first. */
  state: z.enum(['ready', 'preparing', 'here', 'fetchable', 'missing']),
  /** What takes it unasked: real video, rendered scenes. Empty: monitors have to name it. */
  takenFor: z.array(z.enum(['real', 'scene'])),
  domain: z.enum(MODEL_DOMAINS).optional(),
  /** How far it is, or why it is not there. For people. */
  note: z.string().max(1000).optional(),
})
export type OfferedModel = z.infer<typeof offeredModelSchema>

/** `murmur.detection.models`: the models of one detector. */
export const detectorModelsSchema = z.object({
  instance: z.string().max(128),
  models: z.array(offeredModelSchema).max(64),
})
export type DetectorModels = z.infer<typeof detectorModelsSchema>

export const detectorModelsExample: DetectorModels = {
  instance: 'detection-1',
  models: [
    { name: 'yolox-nano', state: 'ready', takenFor: ['real'], domain: 'photographs' },
    { name: 'starter', state: 'here', takenFor: ['scene'], domain: 'rendered' },
  ],
}

/** `murmur.detection.model.<name>`: how a model is that somebody needs; asking for it prepares it. */
export const modelAnswerSchema = z.object({
  model: modelNameSchema,
  state: z.enum(['ready', 'preparing', 'missing']),
  note: z.string().max(1000).optional(),
  /** When it is missing: what stands in the way, as a code of an error. */
  code: z.string().max(64).optional(),
  /** When it is ready. */
  info: detectorInfoSchema.optional(),
  domain: z.enum(MODEL_DOMAINS).optional(),
})
export type ModelAnswer = z.infer<typeof modelAnswerSchema>
