import type { Consumers } from '#platform/nats/consumers.ts'
import type { Streams } from '#platform/nats/streams.ts'
import { keyMissing } from '#platform/secrets/payload-codec.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { decodeMessage } from './decode-message.ts'
import { type FoldOptions, foldBatch, type HeldTask } from './fold-batch.ts'

/** What reading a part of a partition's log needs. */
export interface LogScanDeps {
  bus: { consumers: Pick<Consumers, 'followLog'> }
  partition: number
  /** Cuts it short. */
  signal: AbortSignal
}

/** Messages that are searched for touched tasks, at most: the last ones count. */
const MAX_EVENTS = 20_000

/**
 * The tasks that events of the log between two positions speak of: what an owner has folded and maybe not announced.
 * @param range both are sequence numbers
 * @throws the signal's reason when it was cut short; Error when the log became another one meanwhile
 */
export async function touchedTasks(
  deps: LogScanDeps & { bus: { streams: Pick<Streams, 'lastLogSeq'> } },
  { afterSeq, toSeq }: { afterSeq: number; toSeq: number },
): Promise<string[]> {
  // What retention has taken would be waited for in vain.
  if ((await deps.bus.streams.lastLogSeq(STREAMS.log.name, deps.partition)) < toSeq) return []
  const ids = new Set<string>()
  const fromSeq = Math.max(afterSeq + 1, toSeq - MAX_EVENTS)
  await scanLog(deps, { fromSeq, toSeq }, (event) => void ids.add(event.body.taskId))
  return [...ids]
}

/**
 * Makes the states of a few tasks again from the log, up to a sequence number: for those whose stored state can't be read. One
 * pass over the partition, however many there are.
 * @param range `beforeSeq`: of a message that is in the log; `bases`: states to begin with, where there are checkpoints
 * @returns by id; those that the log does not have any more are missing
 * @throws the signal's reason when it was cut short; Error when the log became another one meanwhile
 */
export async function refoldTasks(
  { options, ...deps }: LogScanDeps & { options: FoldOptions },
  ids: readonly string[],
  { beforeSeq, bases = [] }: { beforeSeq: number; bases?: readonly (TaskState | undefined)[] },
): Promise<Map<string, TaskState>> {
  const wanted = new Set(ids)
  const tasks = new Map<string, HeldTask>()
  for (const state of bases) if (state) tasks.set(state.id, { state, storedDueMs: undefined })
  await scanLog(deps, { fromSeq: 1, toSeq: beforeSeq - 1 }, (event) => {
    if (!wanted.has(event.body.taskId)) return
    const { held } = foldBatch([event], (id) => tasks.get(id), options)
    for (const [id, task] of held) tasks.set(id, task)
  })
  return new Map([...tasks].map(([id, { state }]) => [id, state]))
}

/**
 * Events of one task between two sequence numbers, both included, in order.
 * @param onEvent false: no more are wanted
 * @throws the signal's reason when it was cut short; Error when the log became another one meanwhile
 */
export async function eventsOfTask(
  deps: LogScanDeps,
  taskId: string,
  range: { fromSeq: number; toSeq: number },
  onEvent: (event: LogEvent) => boolean,
): Promise<void> {
  const enough = new AbortController()
  const signal = AbortSignal.any([deps.signal, enough.signal])
  try {
    await scanLog({ ...deps, signal }, range, (event) => {
      if (event.body.taskId === taskId && !enough.signal.aborted && !onEvent(event)) enough.abort()
    })
  } catch (error) {
    if (!enough.signal.aborted) throw error
  }
}

/** Reads the events between two sequence numbers, both included, in order. A message at `toSeq` or behind it must be there. */
async function scanLog(
  { bus, partition, signal }: LogScanDeps,
  { fromSeq, toSeq }: { fromSeq: number; toSeq: number },
  onEvent: (event: LogEvent) => void,
): Promise<void> {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const reader = bus.consumers.followLog({
    stream: STREAMS.log.name,
    filterSubject: SUBJECTS.logOfPartition(partition),
    fromSeq,
    onMessage: (raw) => {
      if (raw.seq <= toSeq) {
        for (const { decoded } of decodeMessage(raw)) {
          if ('event' in decoded) onEvent(decoded.event)
          // Left out, it would be as if it had not happened.
          else if (raw.unopened !== undefined && 'later' in decoded) reject(keyMissing(raw.unopened))
        }
      }
      if (raw.seq >= toSeq) resolve()
    },
    onBreak: (how) => reject(new Error(`the log is another one: ${how}`)),
  })
  try {
    await done
  } finally {
    signal.removeEventListener('abort', onAbort)
    await reader.stop()
  }
}
