import { randomUUID } from 'node:crypto'
import { type Msg, type NatsConnection, RequestError } from '@nats-io/transport-node'
import { z } from 'zod'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { OBJECT_PIECE_BYTES, OBJECT_PIECE_HEAD_BYTES, type ObjectUser } from '#schemas/step-object.ts'
import { natsOperation, type RequestInput, type ResponseOf, subjectOf } from '#subjects/operations.ts'
import { assertStorable, type BlobLimits, type BlobStore } from './blob-store.ts'
import { ByteBudget } from './byte-budget.ts'
import { checkedPieces, joined, readAhead, sendPieces, wholeOf } from './object-transfer.ts'
import { RepeatedRequests } from './repeated-requests.ts'
import { problemIn } from './request-reply.ts'

/** What a step does with objects. */
export type StepBlobs = Pick<BlobStore, 'get' | 'put' | 'stream'>

/** The attempt that a step message hands out, with what proves it. */
export interface ObjectStep {
  readonly taskId: string
  readonly stepId: string
  readonly attempt: number
  readonly token?: string | undefined
}

/** Whoever gives steps what they need of the object store. */
export interface StepObjects {
  forStep(step: ObjectStep): StepBlobs
}

type ObjectOperation = 'findObject' | 'readObjectPiece' | 'writeObjectPiece' | 'finishObject'

const REQUEST_TIMEOUT_MS = 5000
/** No orchestrator just now, or one that can't say yet: asked again after this, twice as long each time. */
const AWAY_RETRY_MS = 250
/** With those waits 16 s: a stream whose leader is lost has another within 9. */
const MAX_TRIES = 7
/** On the way between server and process at the same time: far below what a server keeps for a client before it cuts it off. */
const ON_THE_WAY_BYTES = 16 * 1024 * 1024
/** Header of an answer that is a problem and no result. */
const ERROR_HEADER = 'Nats-Service-Error-Code'
const LINE_FEED = Buffer.from('\n')
const keyOnly = z.looseObject({ object: z.looseObject({ blob: z.string() }) })

/**
 * The object store as agents see it: through orchestrators, which look at the step first. Read by reference, checked on both ways;
 * however much is asked for at the same time, no more is on the way and in memory than is set aside for it.
 */
export class ObjectClient implements StepObjects {
  readonly #agent: string
  readonly #connect: () => Promise<NatsConnection>
  readonly #timeoutMs: number
  readonly #budget: ByteBudget
  readonly #onTheWay = new ByteBudget(ON_THE_WAY_BYTES)
  #link: Promise<{ nc: NatsConnection; requests: RepeatedRequests }> | undefined

  /** @param connect gives the connection for objects, the same each time */
  constructor(agent: string, connect: () => Promise<NatsConnection>, limits: BlobLimits) {
    this.#agent = agent
    this.#connect = connect
    this.#timeoutMs = limits.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
    this.#budget = new ByteBudget(limits.budgetBytes)
  }

  /** @returns objects of a step as long as its attempt is out; what is stored lies in a folder of the step, whatever is named */
  forStep({ taskId, stepId, attempt, token }: ObjectStep): StepBlobs {
    const user: ObjectUser = { taskId, stepId, attempt, ...(token !== undefined && { token }) }
    return {
      get: (ref, options) => this.#get(user, ref, options),
      stream: (ref) => this.#stream(user, ref),
      put: (_folder, bytes, about) => this.#put(user, bytes, about),
    }
  }

  /** The same for pictures of a monitor. Only for the service that raises alerts. */
  forMonitor(monitor: string): Pick<StepBlobs, 'put'> {
    return { put: (_folder, bytes, about) => this.#put({ monitor }, bytes, about) }
  }

  async #get(user: ObjectUser, ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    const maxBytes = options.maxBytes ?? LIMITS.bufferedBlobBytes
    const found = await this.#find(user, ref)
    // The size that the store knows counts: a reference comes from outside and may say anything.
    if (found.size > maxBytes)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `object "${ref.blob}" has ${found.size} bytes, at most ${maxBytes} are read`,
      )
    const about = { name: ref.blob, size: found.size }
    return this.#budget.use(found.size, () => joined(this.#pieces(user, ref, found), about))
  }

  async *#stream(user: ObjectUser, ref: BlobRef): AsyncGenerator<Uint8Array> {
    yield* this.#pieces(user, ref, await this.#find(user, ref))
  }

  async #put(
    user: ObjectUser,
    bytes: Uint8Array,
    about: { contentType: string; name?: string },
  ): Promise<BlobRef> {
    assertStorable(bytes, about.name ?? 'the object')
    const upload = randomUUID()
    const maxBytes = (await this.#linked()).nc.info?.max_payload ?? Number.POSITIVE_INFINITY
    const pieceBytes = Math.min(OBJECT_PIECE_BYTES, maxBytes - OBJECT_PIECE_HEAD_BYTES)
    const sent = await sendPieces(wholeOf(bytes), pieceBytes, async (piece, data) => {
      const head = Buffer.from(JSON.stringify({ for: user, upload, piece }))
      await this.#onTheWay.use(data.length, () =>
        this.#ask('writeObjectPiece', Buffer.concat([head, LINE_FEED, data])),
      )
    })
    const { size, pieces } = sent
    const sha256 = sent.sha256.toString('hex')
    const named = { ...about, ...(about.name !== undefined && { name: about.name.slice(0, 256) }) }
    const request = { for: user, upload, size, pieces, sha256, ...named }
    const { blob } = keyOnly.parse(await this.#json('finishObject', request)).object
    return { blob, size, sha256, ...named }
  }

  async #find(user: ObjectUser, ref: BlobRef): Promise<ResponseOf<'findObject'>> {
    const found = await this.#json('findObject', { for: user, key: ref.blob })
    if (found.sha256 !== ref.sha256)
      throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
    return found
  }

  #pieces(
    user: ObjectUser,
    { blob: key, sha256 }: BlobRef,
    { size, pieces }: { size: number; pieces: number },
  ): AsyncGenerator<Uint8Array> {
    const pieceBytes = Math.ceil(size / Math.max(1, pieces))
    const ask = (piece: number) =>
      this.#onTheWay.use(pieceBytes, async () => {
        const request = { for: user, key, piece }
        return (await this.#ask('readObjectPiece', JSON.stringify(request))).data
      })
    return checkedPieces(readAhead(pieces, ask), { name: key, sha256: Buffer.from(sha256, 'hex') })
  }

  async #json<Name extends 'findObject' | 'finishObject'>(
    operation: Name,
    request: RequestInput<Name>,
  ): Promise<ResponseOf<Name>> {
    const { data } = await this.#ask(operation, JSON.stringify(request))
    const parsed = natsOperation(operation).response.schema.safeParse(
      JSON.parse(Buffer.from(data).toString()),
    )
    if (parsed.success) return parsed.data as ResponseOf<Name>
    throw new MurmurError('INTERNAL', `${operation} was answered in another form: ${parsed.error.message}`)
  }

  /** @throws MurmurError UNAVAILABLE when nobody answers, and the problem that is answered */
  async #ask(operation: ObjectOperation, payload: Uint8Array | string): Promise<Msg> {
    const subject = subjectOf(operation, { agent: this.#agent })
    for (let tries = 1; ; tries++) {
      const outcome = await this.#askOnce(subject, payload)
      if (!(outcome instanceof MurmurError)) return outcome
      if (outcome.code !== 'UNAVAILABLE' || tries === MAX_TRIES) throw outcome
      await systemClock.sleep(AWAY_RETRY_MS * 2 ** (tries - 1))
    }
  }

  async #askOnce(subject: string, payload: Uint8Array | string): Promise<Msg | MurmurError> {
    try {
      const { nc, requests } = await this.#linked()
      const message = await requests.untilAnswered(() =>
        nc.request(subject, payload, { timeout: this.#timeoutMs }),
      )
      if (!message.headers?.has(ERROR_HEADER)) return message
      const problem = problemIn(message.json())
      return problem ? MurmurError.fromProblem(problem) : away(`${subject} has failed`)
    } catch (cause) {
      if (cause instanceof RequestError && cause.isNoResponders())
        return away('no orchestrator runs that could be asked for objects', cause)
      // Only what may pass is asked again: an answer that never comes has been waited for long enough.
      throw away(`the object store does not answer: ${messageOf(cause)}`, cause)
    }
  }

  #linked(): Promise<{ nc: NatsConnection; requests: RepeatedRequests }> {
    this.#link ??= this.#connect().then(
      (nc) => ({ nc, requests: new RepeatedRequests(nc, this.#timeoutMs) }),
      (error: unknown) => {
        this.#link = undefined
        throw error
      },
    )
    return this.#link
  }
}

function away(why: string, cause?: unknown): MurmurError {
  return new MurmurError('UNAVAILABLE', why, { cause })
}
