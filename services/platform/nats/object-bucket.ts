import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import {
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  nuid,
  PermissionViolationError,
  RequestError,
} from '@nats-io/transport-node'
import { z } from 'zod'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import { neededCodec, type PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { OBJECT_PIECE_BYTES } from '#schemas/step-object.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import type { ByteBudget } from './byte-budget.ts'
import { storedMessage } from './log-place.ts'
import { checkedPieces, inOrder, readAhead, sendPieces } from './object-transfer.ts'
import { RepeatedRequests } from './repeated-requests.ts'

/** What is known of an object, as all clients of object stores write it (ADR-20). */
const objectMetaSchema = z.object({
  name: z.string(),
  nuid: z.string(),
  size: z.int().min(0),
  chunks: z.int().min(0),
  digest: z.string().optional(),
  deleted: z.boolean().optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
})
export type ObjectMeta = z.infer<typeof objectMetaSchema> & {
  /** The tenant that its pieces are encrypted for. */
  sealedFor?: string
}

const PIECE_BYTES = OBJECT_PIECE_BYTES
/** What is encrypted of what is known of an object: how it is called, of what type it is, its digest. */
const secretSchema = z.object({ digest: z.string(), metadata: z.record(z.string(), z.string()) })
const SEALED = 'sealed'
/** What a message needs beside a piece, where the server takes small messages only. */
const ENVELOPE_BYTES = 1024 + 256
const REQUEST_TIMEOUT_MS = 5000
const NOT_FOUND = 404
/** Behind an id, so that clients that read all that is on `C.<id>` find pieces that have subjects of their own. */
const ALL_PIECES = '.*'

/**
 * An object store bucket, read by the names of objects and the subjects of their pieces and by nothing else: neither lists nor
 * consumers are needed, so whoever may read an object need not be able to find others. Other clients read what is written here;
 * what they write is read too, in several pieces by those who may read the bucket by places.
 */
export class ObjectBucket {
  readonly #nc: NatsConnection
  readonly #js: JetStreamClient
  readonly #jsm: JetStreamManager
  readonly #onTheWay: ByteBudget
  readonly #requestTimeoutMs: number
  readonly #requests: RepeatedRequests
  readonly #codec: PayloadCodec | undefined

  /** `onTheWay`: what may be on the connection at the same time. */
  constructor(connection: {
    nc: NatsConnection
    js: JetStreamClient
    jsm: JetStreamManager
    onTheWay: ByteBudget
    requestTimeoutMs?: number | undefined
    codec?: PayloadCodec | undefined
  }) {
    this.#codec = connection.codec
    this.#nc = connection.nc
    this.#js = connection.js
    this.#jsm = connection.jsm
    this.#onTheWay = connection.onTheWay
    this.#requestTimeoutMs = connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
    this.#requests = new RepeatedRequests(connection.nc, this.#requestTimeoutMs)
  }

  /** @throws Error when there is no bucket, or no server */
  async assertThere(): Promise<void> {
    await this.#copied(BUCKET.meta('-'))
  }

  /** Whether there is such an object, as the leader says: a copy that is behind may still have what is gone. @throws Error */
  async has(name: string): Promise<boolean> {
    const message = await this.#ofLeader({ last_by_subj: BUCKET.meta(name) })
    return message !== undefined && readObjectMeta(message.data) !== undefined
  }

  /** Undefined when there is no such object. @throws MurmurError PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE */
  async info(name: string): Promise<ObjectMeta | undefined> {
    const data = await this.#last(BUCKET.meta(name))
    const meta = data && readObjectMeta(data)
    const { tenant, [SEALED]: sealed } = meta?.metadata ?? {}
    if (!meta || sealed === undefined || tenant === undefined) return meta
    const opened = neededCodec(this.#codec, tenant, 'an object').open(tenant, metaPlace(name, meta), sealed)
    const secret = secretSchema.parse(JSON.parse(opened.toString()))
    return {
      ...meta,
      digest: secret.digest,
      metadata: { ...secret.metadata, tenant },
      sealedFor: tenant,
    }
  }

  /**
   * The pieces of an object in order; the last one only when all of them match their digest, so that nobody who hands them on
   * as they come can hand on a whole object that is not the one that was stored.
   * @throws MurmurError BLOB_CORRUPT when one is not there, or they don't match their digest; Error when it is away
   */
  async *read(meta: ObjectMeta): AsyncGenerator<Uint8Array> {
    const { name, digest, chunks } = meta
    const sha256 = digest === undefined ? undefined : digestBytes(digest)
    const places: number[] = []
    // By places one after the other: each says where the next one is looked for.
    const pieces = isInPlaces(meta)
      ? inOrder(chunks, (index) => this.piece(meta, index, places))
      : readAhead(chunks, (index) => this.piece(meta, index))
    yield* checkedPieces(pieces, { name, sha256 })
  }

  /**
   * One piece of an object, by its number from 0.
   * @param places where pieces before it lie in the bucket, as earlier calls have found out, for an object that is read by places
   * @throws MurmurError BLOB_CORRUPT when it is not there; Error when the bucket is away
   */
  async piece(meta: ObjectMeta, index: number, places: number[] = []): Promise<Uint8Array> {
    const { nuid: id, chunks, name, size } = meta
    if (isInPlaces(meta)) return this.#inPlace(BUCKET.whole(id), { index, chunks, places })
    const ownId = id.endsWith(ALL_PIECES) ? id.slice(0, -ALL_PIECES.length) : undefined
    const subject = ownId === undefined ? BUCKET.whole(id) : BUCKET.piece(ownId, index)
    const data = await this.#onTheWay.use(Math.ceil(size / chunks), () => this.#last(subject))
    if (!data) throw new MurmurError('BLOB_CORRUPT', `piece ${index + 1} of ${chunks} of "${name}" is gone`)
    const { sealedFor: tenant } = meta
    return tenant === undefined
      ? data
      : openPiece(neededCodec(this.#codec, tenant, 'an object'), tenant, piecePlace(ownId, index), data)
  }

  /**
   * Stores an object under a name that has none. Nothing is kept when it fails.
   * @param id a token that no other object has: its pieces lie under it @throws Error, and what `bytes` throws
   */
  async put(
    name: string,
    metadata: Record<string, string>,
    bytes: AsyncIterable<Uint8Array>,
    { tenant, id = nuid.next() }: { tenant?: string | undefined; id?: string } = {},
  ): Promise<{ size: number; sha256: string }> {
    const pieceBytes = Math.min(PIECE_BYTES, (this.#nc.info?.max_payload ?? PIECE_BYTES) - ENVELOPE_BYTES)
    const takeAway = (pieces: number) => (pieces > 0 ? this.#takeAway(id) : Promise.resolve())
    const sent = await sendPieces(
      bytes,
      pieceBytes,
      (index, piece) => this.putPiece(id, index, piece, tenant),
      takeAway,
    )
    const { size, pieces } = sent
    const sha256 = sent.sha256.toString('hex')
    try {
      const owned = this.#codec && tenant !== undefined ? { ...metadata, tenant } : metadata
      await this.putMeta(name, { id, size, pieces, sha256, metadata: owned, pieceBytes })
    } catch (error) {
      await takeAway(pieces)
      throw error
    }
    return { size, sha256 }
  }

  /** Stores one piece of an object that is to come. Again does no harm. @param id a token @throws Error */
  async putPiece(id: string, index: number, piece: Uint8Array, tenant?: string): Promise<void> {
    const isSealed = this.#codec && tenant !== undefined
    const stored = isSealed ? sealPiece(this.#codec!, tenant, piecePlace(id, index), piece) : piece
    await this.#publish(BUCKET.piece(id, index), stored)
  }

  /** Makes an object of the pieces that are stored under an id. @throws Error */
  async putMeta(
    name: string,
    about: {
      id: string
      size: number
      pieces: number
      /** Lower-case hex. */
      sha256: string
      metadata: Record<string, string>
      pieceBytes?: number
    },
  ): Promise<void> {
    const { id, size, pieces, sha256, metadata, pieceBytes = PIECE_BYTES } = about
    const nuid = pieces === 0 ? id : id + ALL_PIECES
    const digest = `SHA-256=${padded(Buffer.from(sha256, 'hex').toString('base64url'))}`
    const { tenant, ...rest } = metadata
    const secret = JSON.stringify({ digest, metadata: rest })
    const place = metaPlace(name, { nuid, size, chunks: pieces })
    const meta = {
      name,
      bucket: BUCKET.stream.replace(/^OBJ_/, ''),
      nuid,
      size,
      chunks: pieces,
      ...(this.#codec && tenant !== undefined
        ? { metadata: { tenant, [SEALED]: this.#codec.seal(tenant, place, secret) } }
        : { digest, metadata }),
      mtime: new Date(systemClock.nowMs()).toISOString(),
      options: { max_chunk_size: pieceBytes },
      deleted: false,
    }
    const rollup = headers()
    rollup.set('Nats-Rollup', 'sub')
    await this.#publish(BUCKET.meta(name), JSON.stringify(meta), rollup)
  }

  /** Takes an object away, with all that is known of it. @throws Error when the store is away or does not let it */
  async remove(name: string): Promise<void> {
    const meta = await this.info(name)
    if (!meta) return
    await this.#jsm.streams.purge(BUCKET.stream, { filter: BUCKET.meta(name) })
    if (meta.nuid.endsWith(ALL_PIECES)) await this.#takeAway(meta.nuid.slice(0, -ALL_PIECES.length))
    else await this.#purge(BUCKET.whole(meta.nuid))
  }

  /** Takes away the pieces of an object that never became one. @param id see `put` */
  removePieces(id: string): Promise<void> {
    return this.#takeAway(id)
  }

  /** Several pieces on one subject, as other tools and earlier versions store them: by their places, each behind the one before. */
  async #inPlace(
    subject: string,
    { index, chunks, places }: { index: number; chunks: number; places: number[] },
  ): Promise<Uint8Array> {
    for (;;) {
      const known = places[index]
      const at = known === undefined ? places.length : index
      const seq = known ?? (places.at(-1) ?? 0) + 1
      const query = { seq, next_by_subj: subject }
      const message = await this.#onTheWay.use(
        PIECE_BYTES,
        async () =>
          (await this.#jsm.direct.getMessage(BUCKET.stream, query)) ?? (await this.#ofLeader(query)),
      )
      if (!message)
        throw new MurmurError('BLOB_CORRUPT', `piece ${index + 1} of ${chunks} on ${subject} is gone`)
      // Several pieces of one object may be looked for at the same time: each place is noted once.
      if (known === undefined && places.length === at) places.push(message.seq)
      if (at === index) return message.data
    }
  }

  /**
   * The last message on a subject: undefined when there is none. Any copy of the bucket may answer, also one that is behind; what that
   * one does not have the leader is asked for, so that who has just stored something finds it.
   */
  async #last(subject: string): Promise<Uint8Array | undefined> {
    return (await this.#copied(subject)) ?? (await this.#ofLeader({ last_by_subj: subject }))?.data
  }

  async #ofLeader(query: Parameters<typeof storedMessage>[2]): Promise<StoredMsg | undefined> {
    try {
      return await storedMessage(this.#jsm, BUCKET.stream, query)
    } catch (error) {
      // Who may read single objects only is told what the copies have.
      if (error instanceof PermissionViolationError) return undefined
      throw error
    }
  }

  /** The same by whichever copy answers. */
  async #copied(subject: string): Promise<Uint8Array | undefined> {
    const answer = await this.#ask(`$JS.API.DIRECT.GET.${BUCKET.stream}.${subject}`)
    const code = answer.headers?.code ?? 0
    if (code === NOT_FOUND) return undefined
    if (code !== 0) throw new RequestError(`the bucket answers ${code} ${answer.headers?.description ?? ''}`)
    return answer.data
  }

  #ask(subject: string): Promise<Msg> {
    return this.#requests.untilAnswered(() =>
      this.#nc.request(subject, '', { timeout: this.#requestTimeoutMs }),
    )
  }

  /** A piece that is sent again has the same message id, and what is known of an object takes the place of itself: kept once. */
  async #publish(subject: string, data: Uint8Array | string, rollup?: MsgHdrs): Promise<void> {
    const options = {
      timeout: this.#requestTimeoutMs,
      ...(rollup ? { headers: rollup } : { msgID: subject }),
    }
    await this.#onTheWay.use(data.length, () =>
      this.#requests.untilLed(() => this.#js.publish(subject, data, options)),
    )
  }

  /** Who may not do this leaves the pieces to the age limit of the bucket. */
  #takeAway(id: string): Promise<void> {
    return this.#purge(BUCKET.whole(id) + ALL_PIECES)
  }

  async #purge(filter: string): Promise<void> {
    await this.#jsm.streams.purge(BUCKET.stream, { filter }).catch(() => {})
  }
}

/** What a message of `BUCKET.metaAll` says; undefined when the object is deleted, or it says nothing that can be read. Pure. */
export function readObjectMeta(data: Uint8Array): ObjectMeta | undefined {
  const meta = readMessage(data, objectMetaSchema)
  return meta === undefined || meta.deleted ? undefined : meta
}

function metaPlace(name: string, { nuid: id, size, chunks }: Pick<ObjectMeta, 'nuid' | 'size' | 'chunks'>) {
  return ['object', name, id, size, chunks].join('\n')
}

function piecePlace(id: string | undefined, index: number): string {
  return ['object piece', id ?? '', index].join('\n')
}

/** The id of the key goes first, behind its length: while keys change pieces of one object may have several. */
function sealPiece(codec: PayloadCodec, tenant: string, place: string, piece: Uint8Array): Buffer {
  const { keyId, sealed } = codec.sealBytes(tenant, place, piece)
  return Buffer.concat([Buffer.from([keyId.length]), Buffer.from(keyId), sealed])
}

function openPiece(codec: PayloadCodec, tenant: string, place: string, stored: Uint8Array): Buffer {
  const start = 1 + (stored[0] ?? 0)
  const keyId = Buffer.from(stored.subarray(1, start)).toString('latin1')
  return codec.openBytes(tenant, place, keyId, stored.subarray(start))
}

/** Several pieces on one subject. */
function isInPlaces({ nuid: id, chunks }: ObjectMeta): boolean {
  return chunks > 1 && !id.endsWith(ALL_PIECES)
}

/** The bytes of `SHA-256=<base64url>`. Pure. */
export function digestBytes(digest: string): Buffer {
  return Buffer.from(digest.replace(/^SHA-256=/i, ''), 'base64url')
}

function padded(base64: string): string {
  return base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')
}
