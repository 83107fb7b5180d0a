import { createHash, randomUUID } from 'node:crypto'
import { jetstream } from '@nats-io/jetstream'
import { type ObjectStore, Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { BLOB_BUCKET, streamBytes } from '#subjects/streams.ts'

/** Objects that are too big for messages; written once, read by reference, checked on both ways. */
export class BlobStore {
  readonly #store: ObjectStore

  private constructor(store: ObjectStore) {
    this.#store = store
  }

  /** Opens the bucket and makes it when it is not there. */
  static async create(nc: NatsConnection, options: { storageBytes: number }): Promise<BlobStore> {
    const objm = new Objm(jetstream(nc))
    const store = await objm.create(BLOB_BUCKET.name, {
      ttl: BLOB_BUCKET.maxAgeMs * 1e6,
      max_bytes: streamBytes(BLOB_BUCKET, options.storageBytes),
    })
    return new BlobStore(store)
  }

  /** Opens the bucket that a provisioner has made. @throws Error when it is not there */
  static async open(nc: NatsConnection): Promise<BlobStore> {
    return new BlobStore(await new Objm(jetstream(nc)).open(BLOB_BUCKET.name, true))
  }

  /**
   * Stores bytes under a new key that starts with `folder`.
   * @throws MurmurError LIMIT_EXCEEDED above LIMITS.blobBytes
   */
  async put(
    folder: string,
    bytes: Uint8Array,
    about: { contentType: string; name?: string },
  ): Promise<BlobRef> {
    if (bytes.length > LIMITS.blobBytes) {
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `${about.name ?? 'the object'} has ${bytes.length} bytes, at most ${LIMITS.blobBytes} are stored`,
      )
    }
    const blob = `${folder}/${randomUUID()}`
    await unlessAway(this.#store.putBlob({ name: blob }, bytes))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { contentType, name } = about
    return {
      blob,
      size: bytes.length,
      sha256,
      contentType,
      ...(name !== undefined && { name: name.slice(0, 256) }),
    }
  }

  /** @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, LIMIT_EXCEEDED */
  async get(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    const maxBytes = options.maxBytes ?? LIMITS.blobBytes
    const info = await unlessAway(this.#store.info(ref.blob))
    if (!info || info.deleted) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${ref.blob}"`)
    // The size that the store knows counts: a reference comes from outside and may say anything.
    if (info.size > maxBytes) {
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `object "${ref.blob}" has ${info.size} bytes, at most ${maxBytes} are read`,
      )
    }
    const bytes = await unlessAway(this.#store.getBlob(ref.blob))
    if (!bytes) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${ref.blob}"`)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (sha256 !== ref.sha256)
      throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
    return bytes
  }
}

/** What the client library throws means that the store could not be asked: it may be there again in a moment. */
async function unlessAway<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    throw new MurmurError('UNAVAILABLE', `the object store does not answer: ${messageOf(cause)}`, { cause })
  }
}
