import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ModelManifest } from '#schemas/detection.ts'
import { assertIntact, cachedModelFile, findCached } from './model-cache.ts'
import { type CatalogueModel, DEFAULT_MODEL, MODEL_CATALOGUE } from './model-catalogue.ts'
import { modelNamed, type PullOptions, pullModel } from './pull-model.ts'
import { fromFile, isModelPath, readManifest } from './resolve-model.ts'

/** A model that a detector can have: what is known of it before it is opened. */
export interface ModelSource {
  readonly manifest: ModelManifest
  /** Its file, whole and unchanged; undefined when it has to be fetched. @throws MurmurError MODEL_UNUSABLE when it was damaged */
  locate(): Promise<string | undefined>
  /** Where it is fetched from, and to. Undefined for what can't be. */
  readonly release?: { url: string; file: string }
  /** @throws MurmurError UNAVAILABLE, MODEL_UNUSABLE */
  fetch?(options: Omit<PullOptions, 'home'>): Promise<string>
}

export interface SourceOptions {
  home: string
  /** A name of the catalogue, the starter's, or the path of a file. */
  wanted?: string | undefined
  /** The model that comes with the project: its manifest file, beside which the model lies. It may have been left out. */
  starter: string
  /** Instead of fetching from the release. */
  pull?: typeof pullModel
}

/** All models that a detector can have, by name. */
export interface ModelSources {
  readonly byName: ReadonlyMap<string, ModelSource>
  /** What somebody has chosen for everything that names no model. */
  readonly chosen: string | undefined
  /** What looks at real video where nobody names a model: a released one that is here, best known first, else the one to fetch. */
  real(): Promise<string>
  /** The same for rendered scenes. */
  scene(): Promise<string>
}

/**
 * The models of a detector: those of the catalogue, the starter, and the file that was named.
 * @throws MurmurError MODEL_UNUSABLE when there is no such model, or its file is not what its manifest says
 */
export async function modelSources(options: SourceOptions): Promise<ModelSources> {
  const { wanted, starter, home } = options
  const byName = new Map(MODEL_CATALOGUE.map((model) => [model.name, released(model, options)]))
  const bundled = existsSync(starter) ? bundledModel(starter, await readManifest(starter)) : undefined
  if (bundled) byName.set(bundled.manifest.name, bundled)
  let chosen: string | undefined
  if (wanted !== undefined && isModelPath(wanted)) {
    const { file, manifest } = await fromFile(wanted)
    byName.set(manifest.name, { manifest, locate: async () => file })
    chosen = manifest.name
  } else if (wanted !== undefined) {
    chosen = byName.has(wanted) ? wanted : modelNamed(wanted).name
  }
  const real = async () => {
    if (chosen !== undefined) return chosen
    for (const model of MODEL_CATALOGUE) if (await findCached(home, model)) return model.name
    return DEFAULT_MODEL
  }
  return {
    byName,
    chosen,
    real,
    scene: async () => chosen ?? bundled?.manifest.name ?? (await real()),
  }
}

function released(model: CatalogueModel, { home, pull = pullModel }: SourceOptions): ModelSource {
  const { url, about: _about, ...manifest } = model
  return {
    manifest,
    locate: () => findCached(home, model),
    release: { url, file: cachedModelFile(home, model.name) },
    fetch: (options) => pull(model, { home, ...options }),
  }
}

function bundledModel(file: string, manifest: ModelManifest): ModelSource {
  const model = join(dirname(file), `${manifest.name}.onnx`)
  return {
    manifest,
    async locate() {
      await assertIntact(model, manifest)
      return model
    },
  }
}
