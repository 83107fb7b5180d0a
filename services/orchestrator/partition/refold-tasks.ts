import type { Consumers } from '#platform/nats/consumers.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { decodeEvent, type RawEvent } from './decode-event.ts'
import { type FoldOptions, foldBatch, type HeldTask } from './fold-batch.ts'

/**
 * Makes the states of a few tasks again from the log, up to a sequence number: for those whose stored state can't be read. One
 * pass over the partition, however many there are.
 * @returns by id; those that the log does not have any more are missing
 * @throws Error when it was cut short
 */
export async function refoldTasks(
  { bus, partition, options, signal }: RefoldDeps,
  ids: readonly string[],
  range: { beforeSeq: number },
): Promise<Map<string, TaskState>> {
  const wanted = new Set(ids)
  const tasks = new Map<string, HeldTask>()
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => reject(new Error('stopped while tasks were folded again'))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const fold = (raw: RawEvent) => {
    const decoded = decodeEvent(raw)
    if (!('event' in decoded) || !wanted.has(decoded.event.body.taskId)) return
    const { held } = foldBatch([decoded.event], (id) => tasks.get(id), options)
    for (const [id, task] of held) tasks.set(id, task)
  }
  const reader = bus.consumers.followLog({
    stream: STREAMS.log.name,
    filterSubject: SUBJECTS.logOfPartition(partition),
    fromSeq: 1,
    onMessage: (raw) => {
      if (raw.seq >= range.beforeSeq) resolve()
      else fold(raw)
    },
    onBreak: (how) => reject(new Error(`the log is another one: ${how}`)),
  })
  try {
    await done
  } finally {
    signal.removeEventListener('abort', onAbort)
    await reader.stop()
  }
  return new Map([...tasks].map(([id, { state }]) => [id, state]))
}

export interface RefoldDeps {
  bus: { consumers: Pick<Consumers, 'followLog'> }
  partition: number
  options: FoldOptions
  signal: AbortSignal
}
