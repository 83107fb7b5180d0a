import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { uploadFolder } from '#subjects/streams.ts'
import type { BlobAbout, BlobStore } from './blob-store.ts'
import type { Calling } from './bus.ts'

export interface CountedUploadDeps {
  bus: Calling
  store: Pick<BlobStore, 'putStream' | 'remove' | 'seals'>
  tenant: string
  clock?: Pick<Clock, 'monotonicMs'>
}

/** An upload that is stored and counted. */
export interface KeptUpload {
  object: BlobRef
  /** Unix ms: it is taken away then, unless a task refers to it. */
  expiresAtMs: number
}

/** Of an upload of unknown size as much again as has come is set aside, and so many bytes at most. */
const STEP_BYTES = 8 * 1024 * 1024
/** What is set aside for an upload is given back when nobody has been heard of it for minutes: so it is said that it goes on. */
const SAY_INTERVAL_MS = 60_000
const TIMEOUT_MS = 7000

/**
 * Stores an upload of a tenant, with room for it set aside before its bytes are taken. Where it fails, nothing of it is kept and the room
 * is given back; where this process dies, orchestrators do the same some minutes later.
 * @throws MurmurError QUOTA_EXCEEDED, UNAVAILABLE; PAYLOAD_KEY_MISSING where the platform encrypts and the store does not, or the reverse; and what `BlobStore.putStream` throws
 */
export async function uploadCounted(
  deps: CountedUploadDeps,
  bytes: AsyncIterable<Uint8Array>,
  about: BlobAbout,
): Promise<KeptUpload> {
  const { bus, store, tenant, clock = systemClock } = deps
  const upload = randomUUID()
  const room = new Room({ bus, tenant, upload, clock, isSealed: store.seals })
  // What is too large for any object is for the store to refuse.
  const isPossible = about.size !== undefined && about.size <= LIMITS.blobBytes
  await room.reach(isPossible ? about.size! : 0)
  let object: BlobRef | undefined
  try {
    object = await store.putStream(uploadFolder(tenant), room.through(bytes), about, upload)
    const request = { tenant, upload, size: object.size }
    const { expiresAtMs } = await bus.call('keepUpload', request, { timeoutMs: TIMEOUT_MS })
    return { object, expiresAtMs }
  } catch (error) {
    if (object) await store.remove(object).catch(() => {})
    await releaseUpload(deps, upload)
    throw error
  }
}

/** Gives the room of an upload back that is not stored any more. Who does not hear it finds out in some minutes. */
export async function releaseUpload(
  { bus, tenant }: Pick<CountedUploadDeps, 'bus' | 'tenant'>,
  upload: string,
): Promise<void> {
  await bus.call('releaseUpload', { tenant, upload }, { timeoutMs: TIMEOUT_MS }).catch(() => {})
}

interface RoomAbout {
  bus: Calling
  tenant: string
  upload: string
  clock: Pick<Clock, 'monotonicMs'>
  /** Its bytes will come encrypted. */
  isSealed: boolean
}

/** What is set aside for one upload. */
class Room {
  readonly #about: RoomAbout
  #bytes = 0
  #saidMs = Number.NEGATIVE_INFINITY

  constructor(about: RoomAbout) {
    this.#about = about
  }

  /** @param bytes in all @throws MurmurError QUOTA_EXCEEDED, UNAVAILABLE */
  async reach(bytes: number): Promise<void> {
    const { bus, tenant, upload, clock, isSealed } = this.#about
    const request = { tenant, upload, bytes, ...(isSealed && { sealed: true }) }
    await bus.call('reserveUpload', request, { timeoutMs: TIMEOUT_MS })
    this.#bytes = bytes
    this.#saidMs = clock.monotonicMs()
  }

  async #reachMore(wanted: number): Promise<void> {
    try {
      await this.reach(Math.min(wanted + Math.min(wanted, STEP_BYTES), LIMITS.blobBytes))
    } catch (error) {
      if (!(error instanceof MurmurError && error.code === 'QUOTA_EXCEEDED')) throw error
      // It may end with what has come.
      await this.reach(wanted)
    }
  }

  /** The same pieces, each once there is room for it. */
  async *through(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { clock } = this.#about
    let length = 0
    for await (const piece of pieces) {
      length += piece.length
      // More than any object may have is for the store to refuse.
      const wanted = Math.min(length, LIMITS.blobBytes)
      if (wanted > this.#bytes) await this.#reachMore(wanted)
      else if (clock.monotonicMs() - this.#saidMs > SAY_INTERVAL_MS) await this.reach(this.#bytes)
      yield piece
    }
  }
}
