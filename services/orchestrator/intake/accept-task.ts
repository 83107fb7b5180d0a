import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { SubmissionReceipt } from '#schemas/submission.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { AdmissionControl } from './admission-control.ts'
import type { Admission } from './admit.ts'

export interface AcceptDeps {
  bus: Bus
  store: PartitionStore
  partitions: number
  admission: Pick<AdmissionControl, 'admit'>
  /** How long a client is kept waiting for the log. Milliseconds. */
  giveUpAfterMs?: number
}

const decoder = new TextDecoder()

/**
 * Writes an admitted task into the log; from here on it exists. The same key again gives the same task, unless it came
 * with another body.
 * @throws MurmurError IDEMPOTENCY_CONFLICT, QUOTA_EXCEEDED, UNAVAILABLE, OVERLOADED
 */
export async function acceptTask(
  { accepted, hasKey, isSameBody }: Admission,
  deps: AcceptDeps,
): Promise<SubmissionReceipt> {
  const { taskId } = accepted
  const partition = partitionOf(taskId, deps.partitions)
  if (hasKey) {
    // Older than the broker's memory of ids: the state knows.
    const [existing] = await deps.store.readTasks(partition, [taskId])
    if (existing) return repeated(taskId, isSameBody(existing.bodyHash))
  }
  // What exists already costs nothing: only what is new has to find room.
  deps.admission.admit(accepted.tenant)
  const ack = await deps.bus.publisher.publish(
    SUBJECTS.log(partition, 'accepted'),
    JSON.stringify(accepted),
    {
      msgId: MESSAGE_IDS.accepted(taskId),
      ...(deps.giveUpAfterMs !== undefined && { giveUpAfterMs: deps.giveUpAfterMs }),
    },
  )
  if (!ack.duplicate || !hasKey) return { taskId, duplicate: ack.duplicate }
  // Accepted a moment ago, maybe by somebody else, maybe not folded yet: the log itself says with which body.
  const first = await deps.bus.messageAt(STREAMS.log.name, ack.seq)
  const body = first ? (JSON.parse(decoder.decode(first.data)) as { bodyHash?: string }) : undefined
  return repeated(taskId, body?.bodyHash === undefined || isSameBody(body.bodyHash))
}

function repeated(taskId: string, isSame: boolean): SubmissionReceipt {
  if (isSame) return { taskId, duplicate: true }
  throw new MurmurError(
    'IDEMPOTENCY_CONFLICT',
    `the idempotency key was used before, for task ${taskId} with another body`,
  )
}
