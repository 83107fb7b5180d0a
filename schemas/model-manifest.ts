import { z } from 'zod'

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
