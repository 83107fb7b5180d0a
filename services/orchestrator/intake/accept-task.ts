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
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import type { AdmissionControl } from './admission-control.ts'
import type { Admission } from './admit.ts'

export interface AcceptDeps {
  bus: Bus
  store: PartitionStore
  partitions: number
  /** Undefined: those that the log was made with, for ever. */
  live?: Pick<LivePartitions, 'assertSure' | 'elsewhere'> | undefined
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
  const elsewhere = idsElsewhere(accepted, deps)
  const partition = partitionOf(taskId, deps.partitions)
  const existing = await acceptedBefore(admission, deps)
  if (existing) return existing
  if (admission.missing) throw admission.missing
  // What exists already costs nothing: only what is new has to find room.
  const event = JSON.stringify({ ...accepted, keepFinishedMs: deps.keepFinishedMs })
  const bytes = Buffer.byteLength(event)
  // A child is part of a task that has been admitted: refused for its number, it would hold up those that are to make room.
  const admitted = accepted.parent
    ? undefined
    : deps.admission.admit(accepted.tenant, { accepted, bytes }, admission.visitor)
  const ack = await keepAndPublish(accepted, event, partition, deps).catch((error: unknown) => {
    admitted?.withdrawn()
    throw error
  })
  if (ack.duplicate) admitted?.withdrawn()
  else admitted?.stored(partition, ack.seq)
  if (!ack.duplicate || (!hasKey && elsewhere.length === 0)) return { taskId, duplicate: ack.duplicate }
  // Accepted a moment ago, maybe by somebody else, maybe not folded yet: the log itself says with which body.
  const first = await deps.bus.streams.messageAt(STREAMS.log.name, ack.seq)
  // Whoever gets to write there has taken the id of the message: in two minutes the log has forgotten it.
  if (first?.refused !== undefined)
    throw unavailableNow('what the log has under this key was not written by the platform')
  // In which epoch it was taken in, only that message says.
  if (!first && elsewhere.length > 0)
    throw unavailableNow('what was accepted under this key is not known yet')
  const body = first
    ? (JSON.parse(decoder.decode(first.data)) as { taskId: string; bodyHash?: string })
    : undefined
  const isSame = !hasKey || body?.bodyHash === undefined || isSameBody(body.bodyHash)
  return repeated(body?.taskId ?? taskId, isSame)
}

/** Ids that the same submission may have in the other epochs. Those of children are of the epoch of their parents. */
function idsElsewhere(
  { taskId, parent }: Pick<TaskAccepted, 'taskId' | 'parent'>,
  { live }: Pick<AcceptDeps, 'live'>,
): readonly string[] {
  return parent ? [] : (live?.elsewhere(taskId) ?? [])
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
  if (!accepted.parent) deps.live?.assertSure()
  return publishAccepted(event, { taskId, partition, tenant }, deps)
}

/**
 * The answer to a submission whose idempotency key has its task already, in whichever epoch of the log. Without a key it is looked for in
 * the other epochs only: in its own a second one changes nothing.
 * @throws MurmurError IDEMPOTENCY_CONFLICT, UNAVAILABLE
 */
export async function acceptedBefore(
  { accepted, hasKey, isSameBody }: Admission,
  deps: Pick<AcceptDeps, 'bus' | 'store' | 'partitions' | 'ended' | 'live'>,
): Promise<SubmissionReceipt | undefined> {
  const ids = [...(hasKey ? [accepted.taskId] : []), ...idsElsewhere(accepted, deps)]
  const isSame = (bodyHash: string) => !hasKey || isSameBody(bodyHash)
  const found = await Promise.all(ids.map((taskId) => acceptedAs(taskId, isSame, deps)))
  return found.find((receipt) => receipt !== undefined)
}

async function acceptedAs(
  taskId: string,
  isSameBody: (bodyHash: string) => boolean,
  { bus, store, partitions, ended }: Pick<AcceptDeps, 'bus' | 'store' | 'partitions' | 'ended'>,
): Promise<SubmissionReceipt | undefined> {
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
  if (message) return taskIdsIn(message.data).includes(id)
  return seq < (await streams.facts(name)).firstSeq
}

/** Of the task that a message is about, or of each that a batch of results has one of. */
function taskIdsIn(data: Uint8Array): string[] {
  const results = isResultBatch(data) ? splitResultBatch(data) : [data]
  if (typeof results === 'string') return []
  return results.flatMap((one) => readMessage(one, loggedSchema)?.taskId ?? [])
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
    { taskId },
  )
}
