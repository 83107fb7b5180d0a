import { rmSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { untilAborted } from '#platform/clock/until-aborted.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { ownFolderPurpose } from '#platform/files/left-behind-folders.ts'
import { createPrivateFolder, type PrivateFolder } from '#platform/media/private-folder.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { AgentBlobs, FileOptions, LocalFile } from './define-agent.ts'

/** Stays free on the disk, whatever is asked for: others write there too, and a server of NATS on it would stop. */
const RESERVE_BYTES = 256 * 1024 * 1024
/** Others fill the disk meanwhile: it is looked at again after so many bytes. */
const LOOK_BYTES = 64 * 1024 * 1024
/** Room comes when other steps end: nobody knows when. */
const NO_ROOM_RETRY_MS = 10_000
/** Stands in the names of the folders. */
export const STEP_FILES = 'step'

export interface StepFilesDeps {
  /** Checks what it gives against the reference, as the object store does. */
  blobs: Pick<AgentBlobs, 'stream'>
  /** Aborts what is being fetched. */
  signal?: AbortSignal
  /** Stays free on the disk. Bytes, by default 256 MiB. */
  reserveBytes?: number
}

/**
 * Objects as files on this machine, in a folder that only this user can enter and that is gone with the step. A piece at a time
 * is in memory, however large they are.
 */
export class StepFiles {
  readonly #deps: StepFilesDeps
  readonly #fetching = new Set<Promise<unknown>>()
  /** Made with the first file: most steps have none, and an error with its stack for each of them costs more than all else here. */
  #over: AbortController | undefined
  #isOver = false
  #folder: Promise<PrivateFolder> | undefined
  #path: string | undefined
  #made = 0

  constructor(deps: StepFilesDeps) {
    this.#deps = deps
  }

  /**
   * The file is there as a whole or not at all.
   * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, OVERLOADED when the disk has no room, UNAVAILABLE; the reason of a signal
   */
  file(ref: BlobRef, options: FileOptions = {}): Promise<LocalFile> {
    const fetched: Promise<LocalFile> = this.#fetch(ref, options).finally(() =>
      this.#fetching.delete(fetched),
    )
    this.#fetching.add(fetched)
    return fetched
  }

  /** Takes everything away, also what is still on its way. Nothing can be fetched from then on. */
  async remove(): Promise<void> {
    this.#isOver = true
    this.#over?.abort(stepIsOver())
    await Promise.allSettled(this.#fetching)
    const folder = await this.#folder?.catch(() => undefined)
    await folder?.remove()
  }

  /** The same for a process that ends: it does not wait for anything. */
  removeAtOnce(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true })
  }

  async #fetch(ref: BlobRef, { signal, onBytes }: FileOptions): Promise<LocalFile> {
    if (this.#isOver) throw stepIsOver()
    this.#over ??= new AbortController()
    const given = [this.#over.signal, this.#deps.signal, signal].filter((one) => one !== undefined)
    const until = AbortSignal.any(given)
    until.throwIfAborted()
    this.#folder ??= createPrivateFolder(ownFolderPurpose(STEP_FILES))
    const { path: folder } = await this.#folder
    this.#path = folder
    const path = join(folder, `object-${++this.#made}`)
    const remove = () => rm(path, { force: true })
    try {
      await this.#assertRoom(folder, ref, ref.size)
      const pieces = untilAborted(this.#checked(folder, ref, onBytes), until)
      // Made before anything can go wrong on the way: made later, it would be there again after it was removed.
      const made = await open(path, 'wx', 0o600)
      await pipeline(pieces, made.createWriteStream(), { signal: until })
      return { path, size: ref.size, remove }
    } catch (error) {
      await remove()
      // Why it was aborted says more than that it was.
      until.throwIfAborted()
      throw isDiskFull(error) ? noRoom(ref, 'the disk is full', error) : error
    }
  }

  /** The same pieces, as many bytes as the reference says, while the disk has room for those that are to come. */
  async *#checked(folder: string, ref: BlobRef, onBytes: FileOptions['onBytes']): AsyncGenerator<Uint8Array> {
    let bytes = 0
    let lookAt = LOOK_BYTES
    for await (const piece of this.#deps.blobs.stream(ref)) {
      bytes += piece.length
      if (bytes > ref.size) throw wrongSize(ref, `more than the ${ref.size}`)
      if (bytes >= lookAt) {
        lookAt = bytes + LOOK_BYTES
        await this.#assertRoom(folder, ref, ref.size - bytes)
      }
      yield piece
      onBytes?.(bytes)
    }
    if (bytes !== ref.size) throw wrongSize(ref, `${bytes} instead of the ${ref.size}`)
  }

  async #assertRoom(folder: string, ref: BlobRef, bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(folder)
    const freeBytes = bavail * bsize - (this.#deps.reserveBytes ?? RESERVE_BYTES)
    if (bytes <= freeBytes) return
    throw noRoom(ref, `${bytes} bytes are still to be written, ${Math.max(0, freeBytes)} may be`)
  }
}

function stepIsOver(): Error {
  return new Error('the step is over, and its files with it')
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function noRoom(ref: BlobRef, why: string, cause?: unknown): MurmurError {
  return new MurmurError(
    'OVERLOADED',
    `the folder for temporary files has no room for object "${ref.blob}" of ${ref.size} bytes: ${why}; TMPDIR names another folder`,
    { cause, retryAfterMs: NO_ROOM_RETRY_MS },
  )
}

function wrongSize(ref: BlobRef, what: string): MurmurError {
  return new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" has ${what} bytes of its reference`)
}
