import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { ModelManifest } from '#schemas/detection.ts'
import type { CatalogueModel } from './model-catalogue.ts'

/** Where models that were fetched lie: one folder for all processes of a machine. */
export function modelFolder(home: string): string {
  return join(home, 'models')
}

export function cachedModelFile(home: string, name: string): string {
  return join(modelFolder(home), `${name}.onnx`)
}

/** The file of a fetched model when it is there, whole and unchanged. */
export async function findCached(home: string, model: CatalogueModel): Promise<string | undefined> {
  const file = cachedModelFile(home, model.name)
  const found = await stat(file).catch(() => undefined)
  if (found?.size !== model.bytes) return undefined
  return sha256Of(await readFile(file)) === model.sha256 ? file : undefined
}

/**
 * Puts a fetched model into its place, all or nothing.
 * @throws MurmurError MODEL_UNUSABLE when size or checksum are not those of the catalogue
 */
export async function storeModel(home: string, model: CatalogueModel, bytes: Uint8Array): Promise<string> {
  if (bytes.length !== model.bytes || sha256Of(bytes) !== model.sha256) {
    throw new MurmurError(
      'MODEL_UNUSABLE',
      `what came for ${model.name} is not that model: ${bytes.length} bytes, sha256 ${sha256Of(bytes)}; expected ${model.bytes} bytes, sha256 ${model.sha256}`,
    )
  }
  const file = cachedModelFile(home, model.name)
  await mkdir(modelFolder(home), { recursive: true })
  // Written beside and moved: nobody ever sees half a model, and two that fetch at once do no harm.
  const beside = `${file}.${randomUUID()}`
  try {
    await writeFile(beside, bytes)
    await rename(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
  return file
}

/**
 * Whether a file is the one that its manifest describes, as far as that says so.
 * @throws MurmurError MODEL_UNUSABLE when it is another one, or only a part of it
 */
export async function assertIntact(file: string, manifest: ModelManifest): Promise<void> {
  const { bytes: size, sha256 } = manifest
  if (size === undefined && sha256 === undefined) return
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new MurmurError('MODEL_UNUSABLE', `${file} can't be read: ${messageOf(cause)}`, { cause })
  })
  const found = sha256Of(bytes)
  if ((size ?? bytes.length) === bytes.length && (sha256 ?? found) === found) return
  throw new MurmurError(
    'MODEL_UNUSABLE',
    `${file} is not what its manifest says: ${bytes.length} bytes, sha256 ${found}; expected ${size ?? 'any number of'} bytes, sha256 ${sha256 ?? 'any'}. Get it anew, or correct the manifest`,
  )
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
