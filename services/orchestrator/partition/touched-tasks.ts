import type { Consumers } from '#platform/nats/consumers.ts'
import type { Streams } from '#platform/nats/streams.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { decodeEvent } from './decode-event.ts'

export interface TouchedTasksDeps {
  bus: { consumers: Pick<Consumers, 'followLog'>; streams: Pick<Streams, 'lastLogSeq'> }
  partition: number
  signal: AbortSignal
}

/** Events that are looked through, at most: the last ones count. */
const MAX_EVENTS = 20_000

/**
 * The tasks that events of the log between two places speak of: what an owner has folded and maybe not told.
 * @param range both are sequence numbers
 * @throws Error when it was cut short
 */
export async function touchedTasks(
  { bus, partition, signal }: TouchedTasksDeps,
  { afterSeq, toSeq }: { afterSeq: number; toSeq: number },
): Promise<string[]> {
  // What retention has taken would be waited for in vain.
  if ((await bus.streams.lastLogSeq(STREAMS.log.name, partition)) < toSeq) return []
  const ids = new Set<string>()
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => reject(new Error('stopped while the log was looked through'))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const reader = bus.consumers.followLog({
    stream: STREAMS.log.name,
    filterSubject: SUBJECTS.logOfPartition(partition),
    fromSeq: Math.max(afterSeq + 1, toSeq - MAX_EVENTS),
    onMessage: (raw) => {
      if (raw.seq <= toSeq) {
        const decoded = decodeEvent(raw)
        if ('event' in decoded) ids.add(decoded.event.body.taskId)
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
  return [...ids]
}
