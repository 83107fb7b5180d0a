import { createHash, randomUUID } from 'node:crypto'
import { jetstream } from '@nats-io/jetstream'
import { type ObjectStore, Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { BLOB_BUCKET, streamBytes } from '#subjects/streams.ts'

/** An object that is being read: what is known of it, and its bytes as they come. */
export interface BlobReading {
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly contentType: string
  readonly name: string | undefined
  /** Ends with an error when they don't match their checksum. To be read to the end, or cancelled. */
  readonly bytes: ReadableStream<Uint8Array>
}

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
    const { contentType, name } = about
    const metadata = { contentType, ...(name !== undefined && { name: name.slice(0, 256) }) }
    await unlessAway(this.#store.putBlob({ name: blob, metadata }, bytes))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return {
      blob,
      size: bytes.length,
      sha256,
      contentType,
      ...(name !== undefined && { name: name.slice(0, 256) }),
    }
  }

  /**
   * Stores bytes as they come, a piece at a time in memory.
   * @throws MurmurError PAYLOAD_TOO_LARGE above LIMITS.blobBytes, UNAVAILABLE, and what `bytes` throws; nothing is kept then
   */
  async putStream(
    folder: string,
    bytes: AsyncIterable<Uint8Array>,
    about: { contentType: string; name?: string },
  ): Promise<BlobRef> {
    const blob = `${folder}/${randomUUID()}`
    const hash = createHash('sha256')
    let size = 0
    let fault: unknown
    const counted = async function* () {
      try {
        for await (const chunk of bytes) {
          size += chunk.length
          if (size > LIMITS.blobBytes)
            throw new MurmurError(
              'PAYLOAD_TOO_LARGE',
              `the object is larger than the ${LIMITS.blobBytes} bytes that are kept`,
            )
          hash.update(chunk)
          yield chunk
        }
      } catch (error) {
        fault = error
        throw error
      }
    }
    const { contentType, name } = about
    const meta = {
      name: blob,
      metadata: { contentType, ...(name !== undefined && { name: name.slice(0, 256) }) },
    }
    try {
      await this.#store.put(meta, ReadableStream.from(counted()))
    } catch (cause) {
      // What was sent before the fault has no name yet and is purged by the client library.
      if (fault !== undefined) throw fault
      throw new MurmurError('UNAVAILABLE', `the object store does not answer: ${messageOf(cause)}`, { cause })
    }
    return { blob, size, sha256: hash.digest('hex'), ...meta.metadata }
  }

  /** Begins to read an object by its key alone. @throws MurmurError BLOB_NOT_FOUND, UNAVAILABLE */
  async read(key: string): Promise<BlobReading> {
    const found = await unlessAway(this.#store.get(key))
    if (!found || found.info.deleted) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${key}"`)
    const { size, digest, metadata = {} } = found.info
    return {
      size,
      sha256: Buffer.from(digest.replace(/^SHA-256=/i, ''), 'base64').toString('hex'),
      contentType: metadata.contentType ?? 'application/octet-stream',
      name: metadata.name,
      bytes: found.data,
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
