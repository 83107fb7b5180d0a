import { type ModelManifest, modelManifestSchema } from '#schemas/detection.ts'
import { COCO_CLASSES } from './coco-classes.ts'
import { cardOf } from './model-cards.ts'

/** A model that can be fetched: where it is, and how to know that it is the one. */
export interface CatalogueModel extends ModelManifest {
  url: string
  bytes: number
  sha256: string
  about: string
}

const RELEASE = 'https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0'

/** The official exports of YOLOX, each pinned by its size and checksum. */
export const MODEL_CATALOGUE: readonly CatalogueModel[] = [
  yolox('yolox-nano', 'yolox_nano.onnx', {
    bytes: 3_659_407,
    sha256: 'c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d',
    about: 'small and fast, 416 × 416: the default',
  }),
  yolox('yolox-tiny', 'yolox_tiny.onnx', {
    bytes: 20_219_662,
    sha256: '427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7',
    about: 'more certain, 416 × 416, about three times the work',
  }),
  yolox('yolox-s', 'yolox_s.onnx', {
    bytes: 35_858_002,
    sha256: 'c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063',
    about: 'sees small and far objects, 640 × 640, for a GPU',
  }),
]

/** What is fetched when nobody says which model. */
export const DEFAULT_MODEL = 'yolox-nano'

export function findInCatalogue(name: string): CatalogueModel | undefined {
  return MODEL_CATALOGUE.find((model) => model.name === name)
}

function yolox(
  name: string,
  file: string,
  about: { bytes: number; sha256: string; about: string },
): CatalogueModel {
  const manifest = modelManifestSchema.parse({
    name,
    head: 'yolox-raw',
    classes: COCO_CLASSES,
    scoreThreshold: 0.35,
    license: 'Apache-2.0',
    card: cardOf(name),
  })
  return { ...manifest, url: `${RELEASE}/${file}`, ...about }
}
