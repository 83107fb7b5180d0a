import { createHash, randomUUID } from 'node:crypto'
import { ReadableStream as WebStream } from 'node:stream/web'
import { type JetStreamManager, jetstream } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { BLOB_BUCKET, streamBytes } from '#subjects/streams.ts'
import { apiErrorOf, isFull, mayPass } from './api-error.ts'
import { askLeader } from './ask-leader.ts'
import { ByteBudget } from './byte-budget.ts'
import { digestBytes, ObjectBucket, type ObjectMeta } from './object-bucket.ts'
import { assertRoom, FULL_RETRY_MS, resizeBucket } from './object-room.ts'
import { joined, wholeOf } from './object-transfer.ts'
import { type Copies, copiesConfig } from './stream-copies.ts'

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

export interface BlobLimits {
  /** Objects that are read whole have so many bytes in memory at the same time, all readers together. */
  budgetBytes: number
  /** How long an answer is waited for, where not as long as `ObjectBucket` does. */
  requestTimeoutMs?: number | undefined
  /** The largest object, where it is not `LIMITS.blobBytes`. */
  maxObjectBytes?: number | undefined
  /** Encrypts objects; undefined: they are stored as they are. */
  codec?: PayloadCodec | undefined
}

/** What is said of an object that is stored. */
export interface BlobAbout {
  contentType: string
  name?: string
  /** Whose it is: with keys for payloads it is encrypted for that tenant. */
  tenant?: string
  /** Bytes that are to come, where that is known: then what has no room is refused before anything is sent. */
  size?: number
}

/** What a store needs of the connection that it has for itself. */
export interface BlobConnection extends BlobLimits {
  nc: NatsConnection
  jsm: JetStreamManager
}

/** On the way between server and process at the same time: far below what a server keeps for a client before it cuts it off. */
const ON_THE_WAY_BYTES = 16 * 1024 * 1024

/**
 * Objects that are too big for messages; written once, read by reference, checked on both ways. However much is asked for at the
 * same time, no more is on the way and in memory than is set aside for it: the rest waits.
 */
export class BlobStore {
  readonly #bucket: ObjectBucket
  readonly #budget: ByteBudget
  readonly #jsm: JetStreamManager
  readonly #maxObjectBytes: number
  readonly #codec: PayloadCodec | undefined

  private constructor(bucket: ObjectBucket, { budgetBytes, jsm, maxObjectBytes, codec }: BlobConnection) {
    this.#codec = codec
    this.#bucket = bucket
    this.#budget = new ByteBudget(budgetBytes)
    this.#jsm = jsm
    this.#maxObjectBytes = maxObjectBytes ?? LIMITS.blobBytes
  }

  /** Opens the bucket, and makes it when it is not there, or gives it the size that is asked. */
  static async create(
    connection: BlobConnection,
    options: { storageBytes: number; copies?: Copies },
  ): Promise<BlobStore> {
    const maxBytes = streamBytes(BLOB_BUCKET, options.storageBytes)
    const ttl = BLOB_BUCKET.maxAgeMs * 1e6
    const { copies } = options
    const { num_replicas: replicas, placement } = copies ? copiesConfig(copies, undefined) : {}
    await askLeader(() =>
      new Objm(jetstream(connection.nc)).create(BLOB_BUCKET.name, {
        ttl,
        max_bytes: maxBytes,
        ...(replicas !== undefined && { replicas }),
        ...(placement && { placement }),
      }),
    )
    await resizeBucket(connection.jsm, maxBytes, copies)
    return new BlobStore(bucketOf(connection), connection)
  }

  /** Opens the bucket that a provisioner has made. @throws Error when it is not there */
  static async open(connection: BlobConnection): Promise<BlobStore> {
    const bucket = bucketOf(connection)
    await bucket.assertThere()
    return new BlobStore(bucket, connection)
  }

  /** What is stored for a tenant is encrypted. */
  get seals(): boolean {
    return this.#codec !== undefined
  }

  /**
   * Stores bytes under a new key that starts with `folder`.
   * @throws MurmurError LIMIT_EXCEEDED above LIMITS.bufferedBlobBytes; OVERLOADED when the store is full; UNAVAILABLE
   */
  async put(folder: string, bytes: Uint8Array, about: Omit<BlobAbout, 'size'>): Promise<BlobRef> {
    assertStorable(bytes, about.name ?? 'the object')
    return this.putStream(folder, wholeOf(bytes), about)
  }

  /**
   * Stores bytes under a key of `folder` that is made from their content: what is there already is not stored again.
   * @throws MurmurError LIMIT_EXCEEDED above LIMITS.bufferedBlobBytes; UNAVAILABLE
   */
  async keep(
    folder: string,
    bytes: Uint8Array,
    about: { contentType: string; tenant?: string },
  ): Promise<BlobRef> {
    const { contentType, tenant } = about
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    // Of what is encrypted the name does not tell what it is either.
    const name = tenant !== undefined && this.#codec ? this.#codec.digest(tenant, bytes) : sha256
    const blob = `${folder}/${name}`
    assertStorable(bytes, blob)
    if (!(await unlessAway(this.#bucket.has(blob))))
      await unlessAway(this.#bucket.put(blob, { contentType }, wholeOf(bytes), { tenant }))
    return { blob, size: bytes.length, sha256, contentType }
  }

  /**
   * Stores bytes as they come, a piece at a time in memory.
   * @param id a token made by chance: the key ends with it, and the pieces lie under it
   * @throws MurmurError PAYLOAD_TOO_LARGE above LIMITS.blobBytes and for what never fits, OVERLOADED when the store is full, INVALID_REQUEST for another size than was said, UNAVAILABLE, and what `bytes` throws; nothing is kept then
   */
  async putStream(
    folder: string,
    bytes: AsyncIterable<Uint8Array>,
    about: BlobAbout,
    id: string = randomUUID(),
  ): Promise<BlobRef> {
    const { contentType, name, size: announced, tenant } = about
    if (announced !== undefined) {
      if (announced > this.#maxObjectBytes) throw tooLarge(`has ${announced} bytes`, this.#maxObjectBytes)
      await assertRoom(this.#jsm, announced)
    }
    const blob = `${folder}/${id}`
    const metadata = { contentType, ...(name !== undefined && { name: name.slice(0, 256) }) }
    let fault: unknown
    const onFault = (error: unknown) => {
      fault = error
    }
    const counted = countedBytes(bytes, { announced, maxBytes: this.#maxObjectBytes, onFault })
    try {
      const { size, sha256 } = await this.#bucket.put(blob, metadata, counted, { tenant, id })
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
      sha256: digestBytes(digest).toString('hex'),
      contentType: metadata?.contentType ?? 'application/octet-stream',
      name: metadata?.name,
      bytes: WebStream.from(toldPieces(this.#bucket.read(meta))) as ReadableStream<Uint8Array>,
    }
  }

  /** A whole object. @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, LIMIT_EXCEEDED (over maxBytes), UNAVAILABLE */
  async get(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    const maxBytes = options.maxBytes ?? LIMITS.bufferedBlobBytes
    const meta = await this.#findAsSaid(ref)
    // The size that the store knows counts: a reference comes from outside and may say anything.
    if (meta.size > maxBytes) {
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `object "${ref.blob}" has ${meta.size} bytes, at most ${maxBytes} are read`,
      )
    }
    return this.#budget.use(meta.size, () => unlessAway(joined(this.#bucket.read(meta), meta)))
  }

  /**
   * The bytes of an object as they come, a megabyte at a time in memory; the last piece only when all of them match the checksum.
   * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, UNAVAILABLE
   */
  async *stream(ref: BlobRef): AsyncGenerator<Uint8Array> {
    yield* toldPieces(this.#bucket.read(await this.#findAsSaid(ref)))
  }

  /** What is known of an object. @throws MurmurError BLOB_NOT_FOUND, UNAVAILABLE */
  find(key: string): Promise<ObjectMeta> {
    return this.#find(key)
  }

  /** One piece of it, see `ObjectBucket.piece`. @throws MurmurError BLOB_CORRUPT, UNAVAILABLE */
  piece(meta: ObjectMeta, index: number, places: number[]): Promise<Uint8Array> {
    return unlessAway(this.#bucket.piece(meta, index, places))
  }

  /** Stores one piece of an object that is to come. @throws MurmurError OVERLOADED when the store is full; UNAVAILABLE */
  storePiece(id: string, index: number, piece: Uint8Array, tenant?: string): Promise<void> {
    return this.#bucket.putPiece(id, index, piece, tenant).catch((cause: unknown) => {
      throw notStored(cause)
    })
  }

  /** Makes an object of pieces that are stored. @throws MurmurError OVERLOADED when the store is full; UNAVAILABLE */
  storeMeta(key: string, about: Parameters<ObjectBucket['putMeta']>[1]): Promise<void> {
    return this.#bucket.putMeta(key, about).catch((cause: unknown) => {
      throw notStored(cause)
    })
  }

  /** Takes an object away that nobody refers to. @throws MurmurError UNAVAILABLE */
  async remove({ blob }: Pick<BlobRef, 'blob'>): Promise<void> {
    await unlessAway(this.#bucket.remove(blob))
  }

  /** Takes away the pieces of an object that never became one. @param id see `putStream` */
  removePieces(id: string): Promise<void> {
    return this.#bucket.removePieces(id)
  }

  async #findAsSaid(ref: BlobRef): Promise<ObjectMeta> {
    const meta = await this.#find(ref.blob)
    const digest = `SHA-256=${Buffer.from(ref.sha256, 'hex').toString('base64url')}`
    if (meta.digest?.replace(/=+$/, '') !== digest)
      throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
    return meta
  }

  async #find(key: string): Promise<ObjectMeta> {
    const meta = await unlessAway(this.#bucket.info(key))
    if (!meta) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${key}"`)
    return meta
  }
}

/** Why an object was not stored: no room, another refusal, or nobody there. */
function notStored(cause: unknown): MurmurError {
  if (cause instanceof MurmurError && cause.code === 'PAYLOAD_KEY_MISSING') return cause
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

function bucketOf({ nc, jsm, requestTimeoutMs, codec }: BlobConnection): ObjectBucket {
  const onTheWay = new ByteBudget(ON_THE_WAY_BYTES)
  return new ObjectBucket({ nc, js: jetstream(nc), jsm, onTheWay, requestTimeoutMs, codec })
}

/**
 * The same pieces, as many bytes as were announced and as may be stored.
 * @param options.onFault told what is thrown: it is the sender's, and not the store's
 */
async function* countedBytes(
  bytes: AsyncIterable<Uint8Array>,
  options: { announced: number | undefined; maxBytes: number; onFault: (error: unknown) => void },
): AsyncGenerator<Uint8Array> {
  const { announced, maxBytes, onFault } = options
  let received = 0
  try {
    for await (const chunk of bytes) {
      received += chunk.length
      if (received > maxBytes) throw tooLarge('is larger', maxBytes)
      if (announced !== undefined && received > announced) throw wrongSize(announced, received)
      yield chunk
    }
    if (announced !== undefined && received !== announced) throw wrongSize(announced, received)
  } catch (error) {
    onFault(error)
    throw error
  }
}

function tooLarge(what: string, maxBytes: number): MurmurError {
  return new MurmurError('PAYLOAD_TOO_LARGE', `the object ${what}, at most ${maxBytes} bytes are kept`)
}

function wrongSize(announced: number, received: number): MurmurError {
  return new MurmurError(
    'INVALID_REQUEST',
    `${received} bytes came where ${announced} were announced: the object has changed on the way`,
  )
}

/** @throws MurmurError LIMIT_EXCEEDED */
export function assertStorable(bytes: Uint8Array, what: string): void {
  if (bytes.length > LIMITS.bufferedBlobBytes)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `${what} has ${bytes.length} bytes, at most ${LIMITS.bufferedBlobBytes} are stored as a whole`,
    )
}
