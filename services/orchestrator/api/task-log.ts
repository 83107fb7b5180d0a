import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Consumers } from '#platform/nats/consumers.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { JsonObject } from '#schemas/json.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import type { GetTaskLogRequest, GetTaskLogResponse, TaskLogEvent } from '#schemas/task-log.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { eventsOfTask } from '../partition/log-scans.ts'

export interface TaskLogDeps {
  bus: { consumers: Pick<Consumers, 'followLog'>; streams: Pick<Streams, 'lastLogSeq' | 'placeFrom'> }
  partitions: number
}

/** An answer goes as a message. Bytes of events. */
const MAX_ANSWER_BYTES = 600 * 1024
/** Other tasks of the partition are passed over; a request has to end. Milliseconds. */
const SCAN_TIMEOUT_MS = 4000
/** Clocks of those who accept and of the broker differ by less. Milliseconds. */
const CLOCK_SLACK_MS = 2000

/**
 * What the log has of a task, a page of it: found by time, since events of many tasks lie between.
 * @throws MurmurError OVERLOADED when so much happened meanwhile that it can't be read in time
 */
export async function taskLog(
  { bus, partitions }: TaskLogDeps,
  task: Pick<TaskState, 'id' | 'createdAtMs' | 'finishedAtMs' | 'seq'>,
  { afterSeq, limit }: Pick<GetTaskLogRequest, 'afterSeq' | 'limit'>,
): Promise<GetTaskLogResponse> {
  const partition = partitionOf(task.id, partitions)
  const lastSeq = await bus.streams.lastLogSeq(STREAMS.log.name, partition)
  const subject = SUBJECTS.logOfPartition(partition)
  const placeFrom = (seq: number) => bus.streams.placeFrom(STREAMS.log.name, seq, subject)
  const fromSeq =
    afterSeq === undefined
      ? await seqAtTime(placeFrom, lastSeq, task.createdAtMs - CLOCK_SLACK_MS)
      : afterSeq + 1
  // What comes to a task that is over counts no more, and may be far from it.
  const toSeq = task.finishedAtMs === undefined ? lastSeq : Math.min(lastSeq, task.seq)
  if (lastSeq === 0 || toSeq < fromSeq) return { events: [], isWhole: afterSeq !== undefined }
  const events: TaskLogEvent[] = []
  let bytes = 0
  let isCut = false as boolean
  const signal = AbortSignal.timeout(SCAN_TIMEOUT_MS)
  await eventsOfTask({ bus, partition, signal }, task.id, { fromSeq, toSeq }, (event) => {
    isCut =
      isCut || events.length >= limit || (bytes + (event.bytes ?? 0) > MAX_ANSWER_BYTES && events.length > 0)
    if (isCut) return false
    bytes += event.bytes ?? 0
    events.push(shown(event))
    return true
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error
    if (events.length === 0)
      throw new MurmurError('OVERLOADED', 'the log of this time is too long to be read now', { cause: error })
    isCut = true
  })
  const last = events.at(-1)
  return {
    events,
    ...(isCut && last && { nextSeq: last.seq }),
    isWhole: afterSeq !== undefined || events[0]?.kind === 'accepted',
  }
}

/** Without what proves that an agent may write it. Pure. */
function shown({ body, ...event }: LogEvent): TaskLogEvent {
  const { token: _token, ...rest } = body as unknown as JsonObject
  return { ...(event as Omit<LogEvent, 'body'>), body: rest }
}

/** The first place in the log that is not before a time: by halves, since places are in the order of time. */
async function seqAtTime(
  placeFrom: (seq: number) => Promise<{ seq: number; storedAtMs: number } | undefined>,
  lastSeq: number,
  atMs: number,
): Promise<number> {
  let low = 1
  let high = lastSeq
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const place = await placeFrom(middle)
    if (place && place.storedAtMs < atMs) low = place.seq + 1
    else high = middle
  }
  return low
}
