import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type ModelManifest, modelManifestSchema } from '#schemas/detection.ts'
import { assertIntact } from './model-cache.ts'
import { findInCatalogue } from './model-catalogue.ts'

/** A model that is here: its file and what it is. */
export interface ResolvedModel {
  file: string
  manifest: ModelManifest
}

/**
 * A model of one's own, with `x.json` beside `x.onnx` (or a `manifest.json` that has its name), or with a file name that tells
 * which of the known ones it is.
 * @throws MurmurError MODEL_UNUSABLE when it is not there, not described, or not what the description says
 */
export async function fromFile(file: string): Promise<ResolvedModel> {
  if (!(await stat(file).catch(() => undefined))?.isFile())
    throw new MurmurError('MODEL_UNUSABLE', `there is no file ${file}`)
  const name = basename(file).replace(/\.onnx$/i, '')
  const beside = join(dirname(file), `${name}.json`)
  const manifest =
    (await readManifest(beside).catch(unlessMissing)) ?? (await namedManifest(dirname(file), name))
  if (manifest) {
    await assertIntact(file, manifest)
    return { file, manifest }
  }
  const known = findInCatalogue(name.replaceAll('_', '-').replace(/-dynamic$/, ''))
  // An export of YOLOX under its own name is read like the released one. Its bytes may differ: that is what exporting does.
  if (known) {
    const { head, classes, scoreThreshold, scores, card } = known
    return { file, manifest: { name, head, classes, scoreThreshold, scores, card } }
  }
  throw new MurmurError(
    'MODEL_UNUSABLE',
    `nothing says what ${basename(file)} is: put ${basename(beside)} beside it, like {"name":"${name}","head":"yolox-raw","classes":["person","car"],"scoreThreshold":0.35}`,
  )
}

async function namedManifest(folder: string, name: string): Promise<ModelManifest | undefined> {
  const manifest = await readManifest(join(folder, 'manifest.json')).catch(() => undefined)
  return manifest?.name === name ? manifest : undefined
}

/** @throws MurmurError MODEL_UNUSABLE when it is no manifest; what reading throws */
export async function readManifest(file: string): Promise<ModelManifest> {
  const text = await readFile(file, 'utf8')
  const parsed = modelManifestSchema.safeParse(parseOrUndefined(text))
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  throw new MurmurError(
    'MODEL_UNUSABLE',
    `${file} is no manifest of a model: ${first?.path.join('.') || 'it'} ${first?.message}`,
  )
}

/** Whether somebody names a file and not a model. */
export function isModelPath(wanted: string): boolean {
  return wanted.includes('/') || wanted.toLowerCase().endsWith('.onnx')
}

function unlessMissing(error: unknown): undefined {
  if ((error as { code?: string }).code === 'ENOENT') return undefined
  throw error
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The schema refuses it with a reason right after.
    return undefined
  }
}
