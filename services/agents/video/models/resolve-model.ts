import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { type ModelManifest, modelManifestSchema } from '#schemas/detection.ts'
import { assertIntact, findCached } from './model-cache.ts'
import { DEFAULT_MODEL, findInCatalogue } from './model-catalogue.ts'
import { modelNamed, pullModel } from './pull-model.ts'

/** A model that is here: its file and what it is. */
export interface ResolvedModel {
  file: string
  manifest: ModelManifest
}

export interface ResolveOptions {
  home: string
  /** A name of the catalogue, the starter's, or the path of a file. */
  wanted?: string | undefined
  /** The model that comes with the project: its manifest file, beside which the model lies. */
  starter: string
  /** Whether a model that is not here may be fetched. */
  mayPull: boolean
  /** One line about what is taken, and why. */
  report: (line: string) => void
  /** Instead of fetching from the release. */
  pull?: typeof pullModel
}

/** A machine without that network must not wait for it. */
const QUICK_CONNECT_MS = 3000
const QUICK_PULL_MS = 30_000

/**
 * The model to run: the one that is asked for; else the default, from the cache or fetched; else the starter.
 * @throws MurmurError MODEL_UNUSABLE, UNAVAILABLE when the one asked for can't be had
 */
export async function resolveModel(options: ResolveOptions): Promise<ResolvedModel> {
  const { wanted, home, report, starter } = options
  if (wanted !== undefined && isPath(wanted)) {
    const own = await fromFile(wanted)
    report(`model: ${own.manifest.name}, from ${wanted}`)
    return own
  }
  if (wanted !== undefined && wanted === (await readManifest(starter)).name) return bundled(options)
  const model = modelNamed(wanted ?? DEFAULT_MODEL)
  const cached = await findCached(home, model)
  if (cached) {
    report(`model: ${model.name}, fetched earlier`)
    return { file: cached, manifest: model }
  }
  if (wanted === undefined && !options.mayPull)
    return bundled(options, `${model.name} is not here, and MURMUR_MODEL_PULL forbids to fetch it`)
  try {
    const pull = options.pull ?? pullModel
    const file = await pull(model, { home, ...(wanted === undefined && inAHurry()) })
    report(`model: ${model.name}, fetched`)
    return { file, manifest: model }
  } catch (error) {
    if (wanted !== undefined) throw error
    return bundled(options, messageOf(error))
  }
}

/** A start waits for a model that nobody asked for, but not for long. */
function inAHurry(): { connectTimeoutMs: number; signal: AbortSignal } {
  return { connectTimeoutMs: QUICK_CONNECT_MS, signal: AbortSignal.timeout(QUICK_PULL_MS) }
}

/** @throws MurmurError MODEL_UNUSABLE when it was damaged */
async function bundled(options: ResolveOptions, why?: string): Promise<ResolvedModel> {
  const manifest = await readManifest(options.starter)
  const file = join(dirname(options.starter), `${manifest.name}.onnx`)
  await assertIntact(file, manifest)
  options.report(
    why === undefined
      ? `model: ${manifest.name}, which comes with the project, for trying out`
      : `model: ${why}; using ${manifest.name}, which comes with the project, for trying out ("murmur models pull ${DEFAULT_MODEL}" fetches a better one)`,
  )
  return { file, manifest }
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
    const { head, classes, scoreThreshold } = known
    return { file, manifest: { name, head, classes, scoreThreshold } }
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

function isPath(wanted: string): boolean {
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
