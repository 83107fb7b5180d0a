import { createHash } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { AgentBlobs } from '../define-agent.ts'
import { StepFiles } from '../step-files.ts'

/** An object store in memory, with the checks of the real one. Its keys are numbered, so that the same run gives the same ones. */
export class MemoryObjects {
  readonly #objects = new Map<string, Uint8Array>()
  #stored = 0

  /** @throws MurmurError LIMIT_EXCEEDED */
  async put(
    folder: string,
    bytes: Uint8Array,
    about: { contentType: string; name?: string },
  ): Promise<BlobRef> {
    const sha256 = sha256Of(bytes)
    const blob = `${folder}/${this.#stored++}-${sha256.slice(0, 12)}`
    return { ...this.#store(blob, bytes, sha256), ...about }
  }

  /** What is there already is not stored again. @throws MurmurError LIMIT_EXCEEDED */
  async keep(folder: string, bytes: Uint8Array, { contentType }: { contentType: string }): Promise<BlobRef> {
    const sha256 = sha256Of(bytes)
    return { ...this.#store(`${folder}/${sha256}`, bytes, sha256), contentType }
  }

  /** @throws MurmurError BLOB_NOT_FOUND, LIMIT_EXCEEDED */
  async get({ blob }: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    const bytes = this.#objects.get(blob)
    if (!bytes) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${blob}"`)
    if (options.maxBytes === undefined || bytes.length <= options.maxBytes) return bytes
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `object "${blob}" has ${bytes.length} bytes, at most ${options.maxBytes} are read`,
    )
  }

  /** @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT */
  async *stream(ref: BlobRef): AsyncGenerator<Uint8Array> {
    const bytes = await this.get(ref)
    if (sha256Of(bytes) !== ref.sha256)
      throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
    yield bytes
  }

  #store(blob: string, bytes: Uint8Array, sha256: string): Pick<BlobRef, 'blob' | 'size' | 'sha256'> {
    const { bufferedBlobBytes } = LIMITS
    if (bytes.length > bufferedBlobBytes)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `the object has ${bytes.length} bytes, at most ${bufferedBlobBytes} are stored as a whole`,
      )
    this.#objects.set(blob, bytes)
    return { blob, size: bytes.length, sha256 }
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const inMemory = new WeakSet<AgentBlobs>()

/**
 * An object store in memory, with the checks of the real one. Files that are made of its objects outside of `runHandler` are there
 * until they are removed, or the process ends.
 */
export function createMemoryBlobs(objects: MemoryObjects = new MemoryObjects()): AgentBlobs {
  let files: StepFiles | undefined
  const blobs: AgentBlobs = {
    file(ref, options) {
      files ??= removedAtExit(new StepFiles({ blobs }))
      return files.file(ref, options)
    },
    stream: (ref) => objects.stream(ref),
    get: (ref, options) => objects.get(ref, options),
    put: (bytes, about) => objects.put('test', bytes, about),
  }
  inMemory.add(blobs)
  return blobs
}

/** Whether it was made by `createMemoryBlobs`. */
export function isMemoryBlobs(blobs: AgentBlobs): boolean {
  return inMemory.has(blobs)
}

function removedAtExit(files: StepFiles): StepFiles {
  process.once('exit', () => files.removeAtOnce())
  return files
}
