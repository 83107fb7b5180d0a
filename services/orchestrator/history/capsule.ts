import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { z } from 'zod'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { neededCodec, type PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { type BlobRef, blobRefSchema } from '#schemas/blob.ts'
import type { TaskState } from '#schemas/task.ts'
import { decodeArchived } from './archived-parts.ts'
import { lineOpener } from './archived-payloads.ts'
import { type ArchivedEvent, decodeLine, encodeLine } from './event-line.ts'
import { assertKnownVersion } from './segment-reader.ts'
import { stateHash } from './state-hash.ts'
import { refold } from './task-fold.ts'
import { decompressFrames } from './zstd-frames.ts'

const FORMAT = 'murmuration-capsule'
const SCHEMA_VERSION = 1
/** A capsule is read as a whole. Bytes of its text: objects of 256 MiB, as base64, and all else. */
const MAX_TEXT_BYTES = 400 * 1024 * 1024
/** These say what is wrong with keys, and nothing of the file. */
const PAYLOAD_FAULTS: ReadonlySet<string> = new Set(['PAYLOAD_KEY_MISSING', 'PAYLOAD_UNREADABLE'])
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }

const headerSchema = z.object({
  format: z.literal(FORMAT),
  schemaVersion: z.int().min(1),
  /** That made the capsule. */
  software: z.string(),
  taskId: z.string(),
  /** What holds for tasks that don't say how long they are kept. Milliseconds. */
  keepFinishedMs: z.number(),
  events: z.int().min(1),
  /** SHA-256 of the state that the events come to, as it was when the capsule was made. */
  stateHash: z.string().optional(),
  /** In its place, of a task whose payload is encrypted; and whose keys open it. */
  sealedHash: z.string().optional(),
  tenant: z.string().optional(),
})
/** base64; absent: it was not there any more, or too large. */
const bytesSchema = z.base64().optional()
const objectSchema = z.object({ object: blobRefSchema, bytes: bytesSchema })
/** An object of a task whose payload is encrypted: its reference as JSON, and what it holds. */
const sealedObjectSchema = z.object({ sealedObject: z.string(), sealedBytes: z.string().optional() })

/** An object that a task refers to, with what it holds where that is known. */
export interface CapsuleObject {
  ref: BlobRef
  bytes: Uint8Array | undefined
}

export interface Capsule {
  taskId: string
  software: string
  keepFinishedMs: number
  events: ArchivedEvent[]
  objects: CapsuleObject[]
  /** Of then. */
  stateHash: string
}

/** What became of a capsule here and now. */
export interface OpenedCapsule extends Capsule {
  state: TaskState | undefined
  /** Of today, by the code that opened it. */
  today: string | undefined
  /** It comes to the same. */
  isSame: boolean
}

/**
 * One task as one file: its events as they stood in the log, the objects that it refers to, and the versions. Zstd-compressed lines of JSON,
 * as a segment. What is encrypted in the log is so in the capsule, and its objects and hash with it.
 * @throws MurmurError INTERNAL when the events come to no task; PAYLOAD_KEY_MISSING
 */
export function encodeCapsule(
  about: Pick<Capsule, 'taskId' | 'software' | 'keepFinishedMs' | 'events' | 'objects'>,
  codec?: PayloadCodec,
): Uint8Array {
  const { taskId, software, keepFinishedMs, events, objects } = about
  const { state } = refold(events, { keepFinishedMs })
  if (!state) throw new MurmurError('INTERNAL', `the events of ${taskId} come to no task`)
  const { tenant } = state
  const keys = events.some(({ stored }) => stored !== undefined) ? neededCodec(codec, tenant) : undefined
  const header = {
    ...{ format: FORMAT, schemaVersion: SCHEMA_VERSION, software, taskId, keepFinishedMs },
    events: events.length,
    ...headOf(keys, state),
  }
  const lines = [
    JSON.stringify(header),
    ...events.map((event) => encodeLine(event, event, isPlain(event))),
    ...objects.map((object) => JSON.stringify(keys ? sealObject(keys, tenant, object) : plainObject(object))),
  ]
  return zstdCompressSync(`${lines.join('\n')}\n`, CHECKED)
}

/**
 * Reads a capsule and folds its events with the code of today. Needs nothing else: no server, no network; and the keys of its payload, where
 * that is encrypted.
 * @throws MurmurError INVALID_REQUEST for what is no capsule, is of a later version, or holds an object that is not what its reference says;
 * PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE
 */
export function openCapsule(file: Uint8Array, codec?: PayloadCodec): OpenedCapsule {
  try {
    const [first = '', ...lines] = decompressFrames(file, MAX_TEXT_BYTES).toString().trimEnd().split('\n')
    const header: unknown = JSON.parse(first)
    assertKnownVersion(header, 'the capsule')
    const { taskId, software, keepFinishedMs, events: count, ...about } = headerSchema.parse(header)
    const events = lines
      .slice(0, count)
      .flatMap((line) => decodeLine(line) ?? [])
      .map(lineOpener(codec))
    if (events.length !== count) throw new Error(`it has ${events.length} events of ${count}`)
    const { tenant = '', sealedHash } = about
    const recorded =
      sealedHash === undefined
        ? about.stateHash
        : opened(codec, tenant, `state\n${taskId}`, sealedHash).toString()
    if (recorded === undefined) throw new Error('it does not say what its events come to')
    const objects = lines.slice(count).map((line) => readObject(line, codec, tenant))
    const { state } = refold(events, { keepFinishedMs })
    const today = state && stateHash(state)
    const isSame = today === recorded
    return { taskId, software, keepFinishedMs, events, objects, stateHash: recorded, state, today, isSame }
  } catch (cause) {
    if (cause instanceof MurmurError && PAYLOAD_FAULTS.has(cause.code)) throw cause
    throw new MurmurError('INVALID_REQUEST', `this is no capsule: ${messageOf(cause)}`, { cause })
  }
}

function headOf(keys: PayloadCodec | undefined, state: TaskState) {
  if (!keys) return { stateHash: stateHash(state) }
  const { id, tenant } = state
  return { tenant, sealedHash: keys.seal(tenant, placeOf(`state\n${id}`), stateHash(state)) }
}

function plainObject({ ref, bytes }: CapsuleObject): z.infer<typeof objectSchema> {
  return { object: ref, ...(bytes && { bytes: Buffer.from(bytes).toString('base64') }) }
}

function sealObject(
  keys: PayloadCodec,
  tenant: string,
  { ref, bytes }: CapsuleObject,
): z.infer<typeof sealedObjectSchema> {
  return {
    sealedObject: keys.seal(tenant, placeOf('object'), JSON.stringify(ref)),
    ...(bytes && { sealedBytes: keys.seal(tenant, placeOf(`bytes\n${ref.blob}`), bytes) }),
  }
}

function opened(codec: PayloadCodec | undefined, tenant: string, what: string, sealed: string): Buffer {
  return neededCodec(codec, tenant).open(tenant, placeOf(what), sealed)
}

function placeOf(what: string): string {
  return `capsule ${what}`
}

function readObject(line: string, codec: PayloadCodec | undefined, tenant: string): CapsuleObject {
  const value: unknown = JSON.parse(line)
  const closed = sealedObjectSchema.safeParse(value)
  if (!closed.success) {
    const { object, bytes } = objectSchema.parse(value)
    return checked(object, bytes === undefined ? undefined : Buffer.from(bytes, 'base64'))
  }
  const { sealedObject, sealedBytes } = closed.data
  const ref = blobRefSchema.parse(JSON.parse(opened(codec, tenant, 'object', sealedObject).toString()))
  return checked(
    ref,
    sealedBytes === undefined ? undefined : opened(codec, tenant, `bytes\n${ref.blob}`, sealedBytes),
  )
}

/** @throws Error for what is not the object that its reference says */
function checked(object: BlobRef, bytes: Buffer | undefined): CapsuleObject {
  if (bytes === undefined) return { ref: object, bytes: undefined }
  if (bytes.length !== object.size || hash('sha256', bytes, 'hex') !== object.sha256)
    throw new Error(`object ${object.blob} does not match its checksum`)
  return { ref: object, bytes }
}

function isPlain(event: ArchivedEvent): boolean {
  const decoded = decodeArchived(event)
  return 'event' in decoded && decoded.fault === undefined
}
