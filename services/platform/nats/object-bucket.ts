import { createHash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import {
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  nuid,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node'
import { z } from 'zod'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import type { ByteBudget } from './byte-budget.ts'
import { ConnectionLost, renew } from './live-connection.ts'

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
export type ObjectMeta = z.infer<typeof objectMetaSchema>

const PIECE_BYTES = 128 * 1024
/** What a message needs beside a piece, where the server takes small messages only. */
const ENVELOPE_BYTES = 1024
const REQUEST_TIMEOUT_MS = 5000
/** A question that was lost with its connection, or that a busy machine did not get to, is asked again. */
const MAX_TRIES = 3
/** Pieces of one object under way, to a reader or from a writer: enough to keep the way full, 1 MiB in memory. */
const PIECES_AHEAD = 8
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
  #renewing: Promise<void> | undefined

  /** `onTheWay`: what may be on the connection at the same time. */
  constructor(connection: {
    nc: NatsConnection
    js: JetStreamClient
    jsm: JetStreamManager
    onTheWay: ByteBudget
    requestTimeoutMs?: number | undefined
  }) {
    this.#nc = connection.nc
    this.#js = connection.js
    this.#jsm = connection.jsm
    this.#onTheWay = connection.onTheWay
    this.#requestTimeoutMs = connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  }

  /** @throws Error when there is no bucket, or no server */
  async assertThere(): Promise<void> {
    await this.#last(BUCKET.meta('-'))
  }

  /** Undefined when there is no such object. */
  async info(name: string): Promise<ObjectMeta | undefined> {
    const data = await this.#last(BUCKET.meta(name))
    if (!data) return undefined
    const meta = objectMetaSchema.parse(JSON.parse(Buffer.from(data).toString('utf8')))
    return meta.deleted ? undefined : meta
  }

  /**
   * The pieces of an object in order; the last one only when all of them match their digest, so that nobody who hands them on
   * as they come can hand on a whole object that is not the one that was stored.
   * @throws MurmurError BLOB_CORRUPT when one is not there, or they don't match their digest; Error when it is away
   */
  async *read(meta: ObjectMeta): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    let last: Uint8Array | undefined
    for await (const piece of this.#pieces(meta)) {
      if (last) yield last
      hash.update(piece)
      last = piece
    }
    const wanted = Buffer.from((meta.digest ?? '').replace(/^SHA-256=/i, ''), 'base64url')
    if (meta.digest !== undefined && !hash.digest().equals(wanted))
      throw new MurmurError('BLOB_CORRUPT', `the pieces of "${meta.name}" don't match their digest`)
    if (last) yield last
  }

  /** Stores an object under a name that has none. Nothing is kept when it fails. @throws Error, and what `bytes` throws */
  async put(
    name: string,
    metadata: Record<string, string>,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<{ size: number; sha256: string }> {
    const id = nuid.next()
    const hash = createHash('sha256')
    const pieceBytes = Math.min(PIECE_BYTES, (this.#nc.info?.max_payload ?? PIECE_BYTES) - ENVELOPE_BYTES)
    const sending = new SendingPieces()
    let size = 0
    let chunks = 0
    try {
      for await (const piece of inPieces(bytes, pieceBytes)) {
        hash.update(piece)
        size += piece.length
        const subject = BUCKET.piece(id, chunks++)
        await sending.add(() => this.#publish(subject, piece))
      }
      await sending.all()
      const digest = hash.digest()
      const meta = {
        name,
        bucket: BUCKET.stream.replace(/^OBJ_/, ''),
        nuid: chunks === 0 ? id : id + ALL_PIECES,
        size,
        chunks,
        digest: `SHA-256=${padded(digest.toString('base64url'))}`,
        mtime: new Date(systemClock.nowMs()).toISOString(),
        metadata,
        options: { max_chunk_size: pieceBytes },
        deleted: false,
      }
      const rollup = headers()
      rollup.set('Nats-Rollup', 'sub')
      await this.#publish(BUCKET.meta(name), JSON.stringify(meta), rollup)
      return { size, sha256: digest.toString('hex') }
    } catch (error) {
      await sending.settled()
      if (chunks > 0) await this.#takeAway(id)
      throw error
    }
  }

  /** Takes an object away, with all that is known of it. @throws Error when the store is away or does not let it */
  async remove(name: string): Promise<void> {
    const meta = await this.info(name)
    if (!meta) return
    await this.#jsm.streams.purge(BUCKET.stream, { filter: BUCKET.meta(name) })
    if (meta.nuid.endsWith(ALL_PIECES)) await this.#takeAway(meta.nuid.slice(0, -ALL_PIECES.length))
  }

  async *#pieces(meta: ObjectMeta): AsyncGenerator<Uint8Array> {
    const { nuid: id, chunks, name } = meta
    if (chunks > 1 && !id.endsWith(ALL_PIECES)) {
      yield* this.#inPlaces(BUCKET.whole(id), chunks)
      return
    }
    const subjectOf = (index: number) =>
      id.endsWith(ALL_PIECES) ? BUCKET.piece(id.slice(0, -ALL_PIECES.length), index) : BUCKET.whole(id)
    const asked: Promise<Uint8Array | undefined>[] = []
    const pieceBytes = Math.ceil(meta.size / chunks)
    for (let index = 0; index < chunks; index++) {
      while (asked.length < PIECES_AHEAD && index + asked.length < chunks) {
        const subject = subjectOf(index + asked.length)
        const piece = this.#onTheWay.use(pieceBytes, () => this.#last(subject))
        // It is waited for in its turn: until then nobody hears of its failure.
        piece.catch(() => {})
        asked.push(piece)
      }
      const data = await asked.shift()
      if (!data) throw new MurmurError('BLOB_CORRUPT', `piece ${index + 1} of ${chunks} of "${name}" is gone`)
      yield data
    }
  }

  /** Several pieces on one subject, as other tools and earlier versions store them: one after the other, by their places. */
  async *#inPlaces(subject: string, chunks: number): AsyncGenerator<Uint8Array> {
    let seq = 1
    for (let index = 0; index < chunks; index++) {
      const query = { seq, next_by_subj: subject }
      const message = await this.#onTheWay.use(PIECE_BYTES, () =>
        this.#jsm.direct.getMessage(BUCKET.stream, query),
      )
      if (!message)
        throw new MurmurError('BLOB_CORRUPT', `piece ${index + 1} of ${chunks} on ${subject} is gone`)
      seq = message.seq + 1
      yield message.data
    }
  }

  /** The last message on a subject: undefined when there is none. */
  async #last(subject: string): Promise<Uint8Array | undefined> {
    const answer = await this.#ask(`$JS.API.DIRECT.GET.${BUCKET.stream}.${subject}`)
    const code = answer.headers?.code ?? 0
    if (code === NOT_FOUND) return undefined
    if (code !== 0) throw new RequestError(`the bucket answers ${code} ${answer.headers?.description ?? ''}`)
    return answer.data
  }

  #ask(subject: string): Promise<Msg> {
    return this.#untilAnswered(() => this.#nc.request(subject, '', { timeout: this.#requestTimeoutMs }))
  }

  /** A piece that is sent again has the same message id, and what is known of an object takes the place of itself: kept once. */
  async #publish(subject: string, data: Uint8Array | string, rollup?: MsgHdrs): Promise<void> {
    const options = {
      timeout: this.#requestTimeoutMs,
      ...(rollup ? { headers: rollup } : { msgID: subject }),
    }
    await this.#onTheWay.use(data.length, () =>
      this.#untilAnswered(() => this.#js.publish(subject, data, options)),
    )
  }

  /** @throws what the last try throws */
  async #untilAnswered<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const { inBytes } = this.#nc.stats()
      try {
        return await attempt()
      } catch (error) {
        const isLost = error instanceof ConnectionLost
        if (!(isLost || error instanceof TimeoutError) || tries === MAX_TRIES) throw error
        // Nothing at all came meanwhile: the other side is gone without a word, and pings would find out much later.
        if (!isLost && this.#nc.stats().inBytes === inBytes) await this.#renew()
      }
    }
  }

  /** Once for all that wait for it. */
  #renew(): Promise<void> {
    this.#renewing ??= renew(this.#nc, this.#requestTimeoutMs)
      // Not there yet: what is asked next finds out.
      .catch(() => undefined)
      .finally(() => {
        this.#renewing = undefined
      })
    return this.#renewing
  }

  /** Who may not do this leaves the pieces to the age limit of the bucket. */
  async #takeAway(id: string): Promise<void> {
    await this.#jsm.streams.purge(BUCKET.stream, { filter: BUCKET.whole(id) + ALL_PIECES }).catch(() => {})
  }
}

/** The pieces of one object on their way to the store, some at the same time. */
class SendingPieces {
  readonly #pieces = new Set<Promise<void>>()
  #fault: { error: unknown } | undefined

  /** Resolves when there is room for one more. @throws what an earlier one has failed with */
  async add(send: () => Promise<void>): Promise<void> {
    const sent: Promise<void> = send()
      .catch((error: unknown) => {
        this.#fault ??= { error }
      })
      .finally(() => this.#pieces.delete(sent))
    this.#pieces.add(sent)
    if (this.#pieces.size >= PIECES_AHEAD) await Promise.race(this.#pieces)
    if (this.#fault) throw this.#fault.error
  }

  /** Resolves when none is under way any more. @throws what one of them has failed with */
  async all(): Promise<void> {
    await this.settled()
    if (this.#fault) throw this.#fault.error
  }

  /** The same, and never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#pieces)
  }
}

/** Cuts and joins what comes into pieces of one size; the last one is shorter. */
async function* inPieces(bytes: AsyncIterable<Uint8Array>, pieceBytes: number): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    let rest = chunk
    while (length + rest.length >= pieceBytes) {
      const taken = rest.subarray(0, pieceBytes - length)
      yield waiting.length === 0 ? taken : Buffer.concat([...waiting, taken])
      rest = rest.subarray(taken.length)
      waiting = []
      length = 0
    }
    if (rest.length > 0) waiting.push(rest)
    length += rest.length
  }
  if (length > 0) yield Buffer.concat(waiting)
}

function padded(base64: string): string {
  return base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')
}
