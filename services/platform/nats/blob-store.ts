import { randomUUID } from 'node:crypto'
import { type JetStreamManager, jetstream } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { BLOB_BUCKET, streamBytes } from '#subjects/streams.ts'
import { apiErrorOf, isFull, mayPass } from './api-error.ts'
import { ObjectBucket, type ObjectMeta } from './object-bucket.ts'

/** Room comes with the age of objects: nobody knows when. */
const FULL_RETRY_MS = 5000

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
  readonly #bucket: ObjectBucket

  private constructor(bucket: ObjectBucket) {
    this.#bucket = bucket
  }

  /** Opens the bucket and makes it when it is not there. */
  static async create(
    nc: NatsConnection,
    jsm: JetStreamManager,
    options: { storageBytes: number },
  ): Promise<BlobStore> {
    const js = jetstream(nc)
    await new Objm(js).create(BLOB_BUCKET.name, {
      ttl: BLOB_BUCKET.maxAgeMs * 1e6,
      max_bytes: streamBytes(BLOB_BUCKET, options.storageBytes),
    })
    return new BlobStore(new ObjectBucket({ nc, js, jsm }))
  }

  /** Opens the bucket that a provisioner has made. @throws Error when it is not there */
  static async open(nc: NatsConnection, jsm: JetStreamManager): Promise<BlobStore> {
    const bucket = new ObjectBucket({ nc, js: jetstream(nc), jsm })
    await bucket.assertThere()
    return new BlobStore(bucket)
  }

  /**
   * Stores bytes under a new key that starts with `folder`.
   * @throws MurmurError LIMIT_EXCEEDED above LIMITS.blobBytes; OVERLOADED when the store is full; UNAVAILABLE
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
    const once = async function* () {
      yield bytes
    }
    return this.putStream(folder, once(), about)
  }

  /**
   * Stores bytes as they come, a piece at a time in memory.
   * @throws MurmurError PAYLOAD_TOO_LARGE above LIMITS.blobBytes, OVERLOADED when the store is full, UNAVAILABLE, and what `bytes` throws; nothing is kept then
   */
  async putStream(
    folder: string,
    bytes: AsyncIterable<Uint8Array>,
    about: { contentType: string; name?: string },
  ): Promise<BlobRef> {
    const blob = `${folder}/${randomUUID()}`
    let received = 0
    let fault: unknown
    const counted = async function* () {
      try {
        for await (const chunk of bytes) {
          received += chunk.length
          if (received > LIMITS.blobBytes)
            throw new MurmurError(
              'PAYLOAD_TOO_LARGE',
              `the object is larger than the ${LIMITS.blobBytes} bytes that are kept`,
            )
          yield chunk
        }
      } catch (error) {
        fault = error
        throw error
      }
    }
    const { contentType, name } = about
    const metadata = { contentType, ...(name !== undefined && { name: name.slice(0, 256) }) }
    try {
      const { size, sha256 } = await this.#bucket.put(blob, metadata, counted())
      return { blob, size, sha256, ...metadata }
    } catch (cause) {
      if (fault !== undefined) throw fault
      throw notStored(cause)
    }
  }

  /** Begins to read an object by its key alone. @throws MurmurError BLOB_NOT_FOUND, UNAVAILABLE */
  async read(key: string): Promise<BlobReading> {
    const meta = await this.#find(key)
    const { size, digest = '', metadata } = meta
    return {
      size,
      sha256: Buffer.from(digest.replace(/^SHA-256=/i, ''), 'base64url').toString('hex'),
      contentType: metadata?.contentType ?? 'application/octet-stream',
      name: metadata?.name,
      bytes: ReadableStream.from(toldPieces(this.#bucket.read(meta))),
    }
  }

  /** @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, LIMIT_EXCEEDED, UNAVAILABLE */
  async get(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    const maxBytes = options.maxBytes ?? LIMITS.blobBytes
    const meta = await this.#find(ref.blob)
    // The size that the store knows counts: a reference comes from outside and may say anything.
    if (meta.size > maxBytes) {
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `object "${ref.blob}" has ${meta.size} bytes, at most ${maxBytes} are read`,
      )
    }
    const digest = `SHA-256=${Buffer.from(ref.sha256, 'hex').toString('base64url')}`
    if (meta.digest?.replace(/=+$/, '') !== digest)
      throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
    return unlessAway(joined(this.#bucket.read(meta)))
  }

  /** Takes an object away that nobody refers to. @throws MurmurError UNAVAILABLE */
  async remove({ blob }: Pick<BlobRef, 'blob'>): Promise<void> {
    await unlessAway(this.#bucket.remove(blob))
  }

  async #find(key: string): Promise<ObjectMeta> {
    const meta = await unlessAway(this.#bucket.info(key))
    if (!meta) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${key}"`)
    return meta
  }
}

/** Why an object was not stored: no room, another refusal, or nobody there. */
function notStored(cause: unknown): MurmurError {
  const refusal = apiErrorOf(cause)
  if (refusal && isFull(refusal))
    return new MurmurError('OVERLOADED', `the object store is full: ${refusal.description}`, {
      cause,
      retryAfterMs: FULL_RETRY_MS,
    })
  const what = refusal && !mayPass(refusal) ? 'refuses the object' : 'does not answer'
  return new MurmurError('UNAVAILABLE', `the object store ${what}: ${messageOf(cause)}`, { cause })
}

/** What is thrown below means that the store could not be asked: it may be there again in a moment. */
async function unlessAway<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    if (cause instanceof MurmurError) throw cause
    throw new MurmurError('UNAVAILABLE', `the object store does not answer: ${messageOf(cause)}`, { cause })
  }
}

/** The same pieces, with what goes wrong on the way told as it is elsewhere. */
async function* toldPieces(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { done, value } = await unlessAway(pieces.next())
      if (done) return
      yield value
    }
  } finally {
    await pieces.return(undefined)
  }
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
