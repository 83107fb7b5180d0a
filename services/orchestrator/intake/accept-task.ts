import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import { isResultBatch, splitResultBatch } from '#platform/json/result-batch.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { PublishAck } from '#platform/nats/publisher.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { SubmissionReceipt } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import type { EndedTasks } from '../history/ended-tasks.ts'
import type { ObjectKeeping } from '../objects/object-keeping.ts'
import { assertLevel, refuseUnreadable, unavailableNow } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { AdmissionControl } from './admission-control.ts'
import type { Admission } from './admit.ts'

export interface AcceptDeps {
  bus: Bus
  store: PartitionStore
  partitions: number
  /** How long tasks that come now are kept once they have ended. Milliseconds. */
  keepFinishedMs: number
  admission: Pick<AdmissionControl, 'admit'>
  /** Those that have ended and are not in the store any more. */
  ended?: Pick<EndedTasks, 'find'> | undefined
  /** Keeps what a task refers to for as long as it is there. */
  keeping?: Pick<ObjectKeeping, 'keepFor'> | undefined
  /** How long a client is kept waiting for the log. Milliseconds. */
  giveUpAfterMs: number
}

const decoder = new TextDecoder()

/**
 * Writes an admitted task into the log; from here on it exists. The same key again gives the same task, unless it came
 * with another body.
 * @throws MurmurError IDEMPOTENCY_CONFLICT, BLOB_NOT_FOUND, QUOTA_EXCEEDED, UNAVAILABLE, OVERLOADED
 */
export async function acceptTask(admission: Admission, deps: AcceptDeps): Promise<SubmissionReceipt> {
  const { accepted, hasKey, isSameBody } = admission
  const { taskId } = accepted
  const partition = partitionOf(taskId, deps.partitions)
  const existing = await acceptedBefore(admission, deps)
  if (existing) return existing
  if (admission.missing) throw admission.missing
  // What exists already costs nothing: only what is new has to find room.
  const event = JSON.stringify({ ...accepted, keepFinishedMs: deps.keepFinishedMs })
  const bytes = Buffer.byteLength(event)
  // A child is part of a task that has been admitted: refused for its number, it would hold up those that are to make room.
  const admitted = accepted.parent ? undefined : deps.admission.admit(accepted.tenant, { accepted, bytes })
  const ack = await keepAndPublish(accepted, event, partition, deps).catch((error: unknown) => {
    admitted?.withdrawn()
    throw error
  })
  if (ack.duplicate) admitted?.withdrawn()
  else admitted?.stored(partition, ack.seq)
  if (!ack.duplicate || !hasKey) return { taskId, duplicate: ack.duplicate }
  // Accepted a moment ago, maybe by somebody else, maybe not folded yet: the log itself says with which body.
  const first = await deps.bus.streams.messageAt(STREAMS.log.name, ack.seq)
  // Whoever gets to write there has taken the id of the message: in two minutes the log has forgotten it.
  if (first?.refused !== undefined)
    throw unavailableNow('what the log has under this key was not written by the platform')
  const body = first ? (JSON.parse(decoder.decode(first.data)) as { bodyHash?: string }) : undefined
  return repeated(taskId, body?.bodyHash === undefined || isSameBody(body.bodyHash))
}

/** What it refers to is kept before the log has it. A log that does not answer may have taken it: then it is kept for a while. */
async function keepAndPublish(
  accepted: TaskAccepted,
  event: string,
  partition: number,
  deps: AcceptDeps,
): Promise<PublishAck> {
  await deps.keeping?.keepFor(accepted)
  const { taskId, tenant } = accepted
  return publishAccepted(event, { taskId, partition, tenant }, deps)
}

/**
 * The answer to a submission whose idempotency key has its task already.
 * @throws MurmurError IDEMPOTENCY_CONFLICT, UNAVAILABLE
 */
export async function acceptedBefore(
  { accepted: { taskId }, hasKey, isSameBody }: Admission,
  { bus, store, partitions, ended }: Pick<AcceptDeps, 'bus' | 'store' | 'partitions' | 'ended'>,
): Promise<SubmissionReceipt | undefined> {
  if (!hasKey) return undefined
  const partition = partitionOf(taskId, partitions)
  // Older than the broker's memory of ids: the state knows, unless it is built anew. Then nobody does.
  const [[existing], position] = await Promise.all([
    store.readTasks(partition, [taskId], refuseUnreadable),
    assertLevel(store, partition),
  ])
  if (!existing) {
    const archived = await ended?.find(taskId, position)
    return archived && repeated(taskId, isSameBody(archived.bodyHash))
  }
  if (!(await isInLog(existing, bus))) throw unavailableNow('the log was set back')
  return repeated(taskId, isSameBody(existing.bodyHash))
}

/**
 * The log still has the event that the state ends with, or had it and it is too old by now. Else the log was set back behind it a
 * moment ago and the state has not been made again yet: whoever would be told of the task would wait for it in vain.
 */
async function isInLog({ id, seq }: Pick<TaskState, 'id' | 'seq'>, { streams }: Pick<Bus, 'streams'>) {
  const { name } = STREAMS.log
  const message = await streams.messageAt(name, seq)
  if (message) return isAbout(message.data, id)
  return seq < (await streams.facts(name)).firstSeq
}

/** Whether an event of the log, or one of several results in a message, is of this task. */
function isAbout(data: Uint8Array, id: string): boolean {
  const parts = isResultBatch(data) ? splitResultBatch(data) : [data]
  if (typeof parts === 'string') return false
  return parts.some((part) => readMessage(decoder.decode(part), loggedSchema)?.taskId === id)
}

/** What every event of a task has. */
const loggedSchema = z.looseObject({ taskId: z.string() })

/** Writes a task into the log, once however often it is called. @throws MurmurError UNAVAILABLE, OVERLOADED */
export function publishAccepted(
  event: string,
  { taskId, partition, tenant }: { taskId: string; partition: number; tenant: string },
  { bus, giveUpAfterMs }: Pick<AcceptDeps, 'bus' | 'giveUpAfterMs'>,
): Promise<PublishAck> {
  const msgId = MESSAGE_IDS.accepted(taskId)
  const options = { msgId, giveUpAfterMs, payload: { tenant, taskId } }
  return bus.publisher.publish(SUBJECTS.log(partition, 'accepted'), event, options)
}

/** @throws MurmurError IDEMPOTENCY_CONFLICT */
export function repeated(taskId: string, isSame: boolean): SubmissionReceipt {
  if (isSame) return { taskId, duplicate: true }
  throw new MurmurError(
    'IDEMPOTENCY_CONFLICT',
    `the idempotency key was used before, for task ${taskId} with another body`,
  )
}
