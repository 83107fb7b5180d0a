import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { z } from 'zod'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { blobRefSchema } from '#schemas/blob.ts'
import type { TaskState } from '#schemas/task.ts'
import { decodeEvent } from '../partition/decode-event.ts'
import { type ArchivedEvent, decodeLine, encodeLine } from './event-line.ts'
import { assertKnownVersion } from './segment-reader.ts'
import { stateHash } from './state-hash.ts'
import { refold } from './task-fold.ts'
import { decompressFrames } from './zstd-frames.ts'

const FORMAT = 'murmuration-capsule'
const SCHEMA_VERSION = 1
/** A capsule is read as a whole. Bytes of its text: objects of 256 MiB, as base64, and all else. */
const MAX_TEXT_BYTES = 400 * 1024 * 1024
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
  stateHash: z.string(),
})
const objectSchema = z.object({
  object: blobRefSchema,
  /** base64; absent: it was not there any more, or too large. */
  bytes: z.base64().optional(),
})

/** An object that a task refers to, with what it holds where that is known. */
export interface CapsuleObject {
  ref: z.infer<typeof blobRefSchema>
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
 * as a segment. Pure.
 * @throws MurmurError INTERNAL when the events come to no task
 */
export function encodeCapsule(
  about: Pick<Capsule, 'taskId' | 'software' | 'keepFinishedMs' | 'events' | 'objects'>,
): Uint8Array {
  const { taskId, software, keepFinishedMs, events, objects } = about
  const { state } = refold(events, { keepFinishedMs })
  if (!state) throw new MurmurError('INTERNAL', `the events of ${taskId} come to no task`)
  const header = {
    ...{ format: FORMAT, schemaVersion: SCHEMA_VERSION, software, taskId, keepFinishedMs },
    ...{ events: events.length, stateHash: stateHash(state) },
  }
  const lines = [
    JSON.stringify(header),
    ...events.map((event) => encodeLine(event, event, isPlain(event))),
    ...objects.map(({ ref, bytes }) =>
      JSON.stringify({ object: ref, ...(bytes && { bytes: Buffer.from(bytes).toString('base64') }) }),
    ),
  ]
  return zstdCompressSync(`${lines.join('\n')}\n`, CHECKED)
}

/**
 * Reads a capsule and folds its events with the code of today. Needs nothing else: no server, no network. Pure.
 * @throws MurmurError INVALID_REQUEST for what is no capsule, is of a later version, or holds an object that is not what its reference says
 */
export function openCapsule(file: Uint8Array): OpenedCapsule {
  try {
    const [first = '', ...lines] = decompressFrames(file, MAX_TEXT_BYTES).toString().trimEnd().split('\n')
    const header: unknown = JSON.parse(first)
    assertKnownVersion(header, 'the capsule')
    const {
      taskId,
      software,
      keepFinishedMs,
      events: count,
      stateHash: recorded,
    } = headerSchema.parse(header)
    const events = lines.slice(0, count).flatMap((line) => decodeLine(line) ?? [])
    if (events.length !== count) throw new Error(`it has ${events.length} events of ${count}`)
    const objects = lines.slice(count).map((line) => readObject(line))
    const { state } = refold(events, { keepFinishedMs })
    const today = state && stateHash(state)
    const isSame = today === recorded
    return { taskId, software, keepFinishedMs, events, objects, stateHash: recorded, state, today, isSame }
  } catch (cause) {
    throw new MurmurError('INVALID_REQUEST', `this is no capsule: ${messageOf(cause)}`, { cause })
  }
}

function readObject(line: string): CapsuleObject {
  const { object, bytes: text } = objectSchema.parse(JSON.parse(line))
  if (text === undefined) return { ref: object, bytes: undefined }
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== object.size || hash('sha256', bytes, 'hex') !== object.sha256)
    throw new Error(`object ${object.blob} does not match its checksum`)
  return { ref: object, bytes }
}

function isPlain(event: ArchivedEvent): boolean {
  const decoded = decodeEvent(event)
  return 'event' in decoded && decoded.fault === undefined
}
