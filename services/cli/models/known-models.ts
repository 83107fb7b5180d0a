import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { ModelCard, ModelManifest } from '#schemas/detection.ts'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import { cachedModelFile, findCached } from '../../agents/video/models/model-cache.ts'
import { DEFAULT_MODEL, findInCatalogue, MODEL_CATALOGUE } from '../../agents/video/models/model-catalogue.ts'
import { fromFile, readManifest } from '../../agents/video/models/resolve-model.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'

/** A model as a list shows it. */
export interface KnownModel {
  name: string
  /** `bundled`: it comes with the project; `damaged`: a file of its name is there that is not it. */
  state: 'bundled' | 'here' | 'not here' | 'damaged'
  bytes: number | undefined
  about: string
  card?: ModelCard | undefined
  isDefault: boolean
}

/** What is known about one model. */
export interface ModelDescription extends ModelManifest {
  /** Where it lies; undefined when it has to be fetched first. */
  file: string | undefined
  /** Where it is fetched from. */
  url?: string
  /** Of a file whose checksum is known: whether it is the one. */
  isOriginal?: boolean
}

const STARTER = join(projectRoot, 'services/agents/video/detection/starter')
const ABOUT_STARTER = 'for rendered scenes, which it was trained on; not for real video'

/** The manifest of the model that comes with the project; undefined where somebody left it out. */
export async function readStarter(): Promise<ModelManifest | undefined> {
  const manifest = join(STARTER, 'manifest.json')
  return existsSync(manifest) ? readManifest(manifest) : undefined
}

/** All models that have a name, the bundled one first. */
export async function listModels(home: string): Promise<KnownModel[]> {
  const starter = await readStarter()
  const models: KnownModel[] = starter
    ? [
        {
          name: starter.name,
          state: 'bundled',
          bytes: starter.bytes,
          about: ABOUT_STARTER,
          card: starter.card,
          isDefault: false,
        },
      ]
    : []
  for (const model of MODEL_CATALOGUE) {
    const { name, bytes, about } = model
    const state = (await findCached(home, model))
      ? 'here'
      : existsSync(cachedModelFile(home, name))
        ? 'damaged'
        : 'not here'
    models.push({ name, state, bytes, about, card: model.card, isDefault: name === DEFAULT_MODEL })
  }
  return models
}

/**
 * A model by its name, or a file of one's own.
 * @throws CliError FILE_UNREADABLE; MurmurError MODEL_UNUSABLE when nothing says what the file is
 */
export async function describeModel(
  name: string,
  { folder, home }: Pick<CliContext, 'folder' | 'home'>,
): Promise<ModelDescription> {
  const known = findInCatalogue(name)
  if (known) {
    const { about: _about, ...manifest } = known
    return { ...manifest, file: await findCached(home, known) }
  }
  const starter = await readStarter()
  if (starter?.name === name) {
    const file = join(STARTER, `${starter.name}.onnx`)
    return {
      ...starter,
      file,
      ...(starter.sha256 && { isOriginal: (await sha256Of(file)) === starter.sha256 }),
    }
  }
  return describeFile(resolve(folder, name), name)
}

async function describeFile(file: string, text: string): Promise<ModelDescription> {
  const stats = await stat(file).catch((cause: unknown) => {
    const isMissing = (cause as { code?: string }).code === 'ENOENT'
    const reason = isMissing ? 'there is neither a model nor a file of this name' : messageOf(cause)
    throw new CliError('FILE_UNREADABLE', `${text}: ${reason}`, {
      cause,
      fix: '`npx murmur models list` names the models; or give the path of an ONNX file.',
    })
  })
  if (!stats.isFile()) throw new CliError('FILE_UNREADABLE', `${text} is no file`)
  const { manifest } = await fromFile(file)
  const sha256 = await sha256Of(file)
  return {
    ...manifest,
    bytes: stats.size,
    sha256,
    file,
    ...(manifest.sha256 && { isOriginal: manifest.sha256 === sha256 }),
  }
}

async function sha256Of(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}
