import { createHash } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Serving } from '#platform/nats/bus.ts'
import { readRequest } from '#platform/requests/check-request.ts'
import type { BlobRef } from '#schemas/blob.ts'
import {
  type FinishObjectRequest,
  OBJECT_PIECE_BYTES,
  OBJECT_PIECE_HEAD_BYTES,
  type ObjectUser,
  writeObjectPieceHeadSchema,
} from '#schemas/step-object.ts'
import type { RequestOf, ResponseInput } from '#subjects/operations.ts'
import type { ObjectAccess, StepAccess } from './step-access.ts'
import type { StepObjectCounting } from './step-object-counting.ts'

type Meta = Awaited<ReturnType<BlobStore['find']>>
/** An object that is being read, and where its pieces lie, as far as that was found out. */
interface Found {
  readonly meta: Meta
  readonly places: number[]
}

export interface ObjectGatewayDeps {
  bus: Serving
  blobs: Pick<BlobStore, 'find' | 'piece' | 'storePiece' | 'storeMeta'>
  access: Pick<StepAccess, 'of' | 'mayRead'>
  /** Counts what is stored; without it nothing is. */
  counting?: StepObjectCounting | undefined
  clock: Pick<Clock, 'monotonicMs'>
}

/** How long what was found out about a step, and of its object, holds: each of its pieces is a request. */
const KNOWN_MS = 2000
const MAX_KNOWN = 4096
/** Requests in hand at the same time: 64 MiB of pieces. What is beyond is asked again by whoever wants it. */
const MAX_AT_ONCE = 512
const BUSY_RETRY_MS = 250
const LINE_FEED = 0x0a

/**
 * Reads and writes objects for agents, which can't reach the object store: one piece a request, each for an attempt that is out just
 * now, of the type of agent that asks. What is stored lies in the folder of its step, and what is read is of the step's tenant.
 */
export class ObjectGateway implements Component {
  readonly name = 'objects of steps'
  readonly #deps: ObjectGatewayDeps
  readonly #access: Known<ObjectAccess>
  readonly #objects: Known<Found>
  #inHand = 0
  #ends: (() => void)[] = []

  constructor(deps: ObjectGatewayDeps) {
    this.#deps = deps
    this.#access = new Known(deps.clock)
    this.#objects = new Known(deps.clock)
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      bus.serve('findObject', (request, { agent }) => this.#bounded(() => this.#find(agent!, request))),
      bus.serve('readObjectPiece', (request, { agent }) => this.#bounded(() => this.#read(agent!, request))),
      bus.serve('writeObjectPiece', (request, { agent }) =>
        this.#bounded(() => this.#write(agent!, request)),
      ),
      bus.serve('finishObject', (request, { agent }) => this.#bounded(() => this.#finish(agent!, request))),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inHand >= MAX_AT_ONCE)
      throw new MurmurError(
        'UNAVAILABLE',
        `${this.#inHand} pieces of objects are in hand, no more are taken`,
        {
          retryAfterMs: BUSY_RETRY_MS,
        },
      )
    this.#inHand++
    try {
      return await work()
    } finally {
      this.#inHand--
    }
  }

  async #find(agent: string, request: RequestOf<'findObject'>): Promise<ResponseInput<'findObject'>> {
    const { meta } = await this.#found(agent, request)
    const { size, chunks: pieces, digest = '', metadata } = meta
    const sha256 = Buffer.from(digest.replace(/^SHA-256=/i, ''), 'base64url').toString('hex')
    const contentType = metadata?.contentType ?? 'application/octet-stream'
    const name = metadata?.name
    return { size, sha256, pieces, contentType, ...(name !== undefined && { name }) }
  }

  async #read(agent: string, request: RequestOf<'readObjectPiece'>): Promise<Uint8Array> {
    const { meta, places } = await this.#found(agent, request)
    const { piece } = request
    if (piece >= meta.chunks)
      throw new MurmurError(
        'INVALID_REQUEST',
        `"${request.key}" has ${meta.chunks} pieces, there is no ${piece}`,
      )
    return this.#deps.blobs.piece(meta, piece, places)
  }

  async #write(agent: string, data: Uint8Array): Promise<{ ok: true }> {
    const { head, piece } = readPiece(data)
    const access = await this.#accessOf(agent, head.for)
    const id = idOf(access, head)
    await this.#deps.counting?.reserve(access, {
      id,
      upload: head.upload,
      index: head.piece,
      bytes: piece.length,
    })
    await this.#deps.blobs.storePiece(id, head.piece, piece, access.tenant)
    return { ok: true }
  }

  async #finish(agent: string, request: FinishObjectRequest): Promise<{ object: BlobRef }> {
    const access = await this.#accessOf(agent, request.for)
    const { upload, size, sha256, pieces, contentType, name } = request
    if (size > pieces * OBJECT_PIECE_BYTES || (size === 0) !== (pieces === 0))
      throw new MurmurError('INVALID_REQUEST', `${pieces} pieces don't have ${size} bytes`)
    const key = `${access.folder}/${upload}`
    const metadata = { contentType, tenant: access.tenant, ...(name !== undefined && { name }) }
    const id = idOf(access, request)
    await this.#deps.blobs.storeMeta(key, { id, size, pieces, sha256, metadata })
    await this.#deps.counting?.record(access, { id, key, size })
    return { object: { blob: key, size, sha256, contentType, ...(name !== undefined && { name }) } }
  }

  /** @throws MurmurError BLOB_NOT_FOUND, also for objects of others */
  #found(agent: string, { for: user, key }: { for: ObjectUser; key: string }): Promise<Found> {
    return this.#objects.get(`${nameOf(agent, user)}\n${key}`, async () => {
      const access = await this.#accessOf(agent, user)
      const meta = await this.#deps.blobs.find(key)
      if (!(await this.#deps.access.mayRead(access, key, meta.metadata?.tenant)))
        throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${key}"`)
      return { meta, places: [] }
    })
  }

  #accessOf(agent: string, user: ObjectUser): Promise<ObjectAccess> {
    return this.#access.get(nameOf(agent, user), () => this.#deps.access.of(agent, user))
  }
}

/** What was found out a moment ago; the same question twice at the same time is asked once. */
class Known<Value> {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #known = new Map<string, { value: Promise<Value>; untilMs: number }>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  get(name: string, find: () => Promise<Value>): Promise<Value> {
    const nowMs = this.#clock.monotonicMs()
    const known = this.#known.get(name)
    if (known && known.untilMs > nowMs) return known.value
    const value = find()
    // Deleting first moves it to the end: a Map keeps the order of insertion, and the oldest goes first.
    this.#known.delete(name)
    this.#known.set(name, { value, untilMs: nowMs + KNOWN_MS })
    // What could not be told may be told the next time.
    value.catch(() => {
      if (this.#known.get(name)?.value === value) this.#known.delete(name)
    })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break
      this.#known.delete(oldest)
    }
    return value
  }
}

function nameOf(agent: string, user: ObjectUser): string {
  return 'monitor' in user
    ? `${agent}\n${user.monitor}`
    : [agent, user.taskId, user.stepId, user.attempt, user.token ?? ''].join('\n')
}

/** Where the pieces of an upload lie: nobody but its step can name it, whatever it calls its uploads. */
function idOf({ tenant, folder }: ObjectAccess, { upload }: { upload: string }): string {
  return createHash('sha256').update([tenant, folder, upload].join('\n')).digest('base64url').slice(0, 32)
}

/** @throws MurmurError INVALID_REQUEST, PAYLOAD_TOO_LARGE, and what else a head may be refused for */
function readPiece(data: Uint8Array) {
  const end = data.subarray(0, OBJECT_PIECE_HEAD_BYTES).indexOf(LINE_FEED)
  if (end < 1)
    throw new MurmurError(
      'INVALID_REQUEST',
      'a piece begins with one line of JSON that says for which step it is, of which upload and which piece',
    )
  const head = readRequest(data.subarray(0, end), writeObjectPieceHeadSchema)
  const piece = data.subarray(end + 1)
  if (piece.length === 0) throw new MurmurError('INVALID_REQUEST', 'a piece has one byte at least')
  if (piece.length > OBJECT_PIECE_BYTES)
    throw new MurmurError(
      'PAYLOAD_TOO_LARGE',
      `a piece has ${OBJECT_PIECE_BYTES} bytes at most, this one has ${piece.length}`,
    )
  return { head, piece }
}
