import { isDeepStrictEqual } from 'node:util'
import type { JetStreamManager, StreamUpdateConfig } from '@nats-io/jetstream'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { BLOB_BUCKET } from '#subjects/streams.ts'
import { apiErrorOf, isFull } from './api-error.ts'
import { askLeader } from './ask-leader.ts'
import { type Copies, copiesConfig, firstStep, untilSettled } from './stream-copies.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3
/** Smaller ones are sent without a question: to be refused at the end costs them less than to ask costs all others. */
const ASKED_FROM_BYTES = 8 * MIB
/** What a server stores beside a piece of 128 KiB: its subject, its message id, and where it lies. */
const STORED_SHARE = 1 + 512 / (128 * 1024)
/** Room comes with the age of objects: nobody knows when. */
export const FULL_RETRY_MS = 5000

/**
 * Brings a bucket that is there to the size that is asked, never below what is in it, and to the age that objects may have.
 * @throws MurmurError UNAVAILABLE when the server has not so much storage
 */
export async function resizeBucket(jsm: JetStreamManager, maxBytes: number, copies?: Copies): Promise<void> {
  const { config, state } = await askLeader(() => jsm.streams.info(BUCKET.stream))
  const wanted = maxBytes > 0 ? Math.max(maxBytes, state.bytes) : -1
  const { num_replicas = config.num_replicas, placement = config.placement } = copies
    ? copiesConfig(copies, config.num_replicas)
    : {}
  const maxAge = BLOB_BUCKET.maxAgeMs * 1e6
  const isScaled = config.num_replicas !== num_replicas
  const isMoved = !isDeepStrictEqual(config.placement, placement)
  if (config.max_bytes === wanted && config.max_age === maxAge && !isScaled && !isMoved) return
  const { placement: _had, ...rest } = config
  const sized = { ...rest, max_bytes: wanted, max_age: maxAge }
  const update = (asked: Partial<StreamUpdateConfig>) =>
    untilSettled(() => askLeader(() => jsm.streams.update(BUCKET.stream, asked))).catch((cause: unknown) => {
      const refusal = apiErrorOf(cause)
      if (!refusal || !isFull(refusal)) throw cause
      const text = `NATS has not enough storage for stream ${BUCKET.stream}; set MURMUR_STORAGE_GIB lower`
      throw new MurmurError('UNAVAILABLE', text, { cause })
    })
  const places = { num_replicas, ...(placement && { placement }) }
  const first = isMoved ? firstStep(places, config.num_replicas) : undefined
  if (first) await update({ ...sized, ...first })
  await update({ ...sized, ...places })
}

/**
 * Whether an object of this size fits, before any of it is sent. Above a share of the bucket new tasks are refused, so no upload
 * fills it further than that.
 * @param size bytes
 * @throws MurmurError PAYLOAD_TOO_LARGE when it never fits, OVERLOADED when it does not fit now
 */
export async function assertRoom(jsm: JetStreamManager, size: number): Promise<void> {
  if (size < ASKED_FROM_BYTES) return
  const fill = await bucketFill(jsm)
  if (!fill || fill.maxBytes <= 0) return
  const needed = Math.ceil(size * STORED_SHARE)
  const usable = Math.floor(fill.maxBytes * BLOB_BUCKET.newWorkShare)
  if (needed > usable)
    throw new MurmurError(
      'PAYLOAD_TOO_LARGE',
      `the object has ${sizeText(size)}, the object store of ${sizeText(fill.maxBytes)} takes ${sizeText(usable)} at most: set MURMUR_STORAGE_GIB of the orchestrator to ${storageFor(needed)} or more (it is ${storageOf(fill.maxBytes)}), as far as the disk has room, and start it again`,
    )
  const room = Math.max(0, usable - fill.bytes)
  if (needed > room)
    throw new MurmurError(
      'OVERLOADED',
      `the object has ${sizeText(size)}, the object store has room for ${sizeText(room)}: uploads go when they expire, what tasks made when those are no longer kept, and deleting some makes room at once; a higher MURMUR_STORAGE_GIB of the orchestrator (it is ${storageOf(fill.maxBytes)}; ${storageFor(needed + fill.bytes)} would do) makes room at its next start`,
      { retryAfterMs: FULL_RETRY_MS },
    )
}

/** Undefined where it may not be asked for, or can't be now: then the pieces themselves find out. */
async function bucketFill(jsm: JetStreamManager): Promise<{ bytes: number; maxBytes: number } | undefined> {
  try {
    const { config, state } = await jsm.streams.info(BUCKET.stream)
    return { bytes: state.bytes, maxBytes: config.max_bytes }
  } catch {
    return undefined
  }
}

/** All storage that a bucket of this size is a share of. GiB. */
function storageOf(bucketBytes: number): number {
  return Math.round((bucketBytes / BLOB_BUCKET.storageShare / GIB) * 100) / 100
}

/** All storage that makes room for so many bytes of objects. Whole GiB. */
function storageFor(bytes: number): number {
  return Math.ceil(bytes / BLOB_BUCKET.newWorkShare / BLOB_BUCKET.storageShare / GIB)
}

function sizeText(bytes: number): string {
  return bytes < GIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / GIB).toFixed(2)} GiB`
}
