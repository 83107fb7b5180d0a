import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import type { Bus, Calling } from '#platform/nats/bus.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

const REQUEST_TIMEOUT_MS = 1000
const RETRY_INTERVAL_MS = 250
const readySchema = z.object({ epoch: z.number().optional() })

export interface ReadinessDeps {
  bus: Calling & Pick<Bus, 'request'>
  clock: Clock
  signal: AbortSignal
}

/** Whether the tracker of this monitor has had frames of an earlier capture: then its source was there. False when nobody knows. */
export async function hasTrackedBefore(
  monitor: string,
  { bus }: Pick<ReadinessDeps, 'bus'>,
): Promise<boolean> {
  try {
    const subject = SUBJECTS.monitorReady(monitor)
    const answer = await bus.request(subject, {}, { timeoutMs: REQUEST_TIMEOUT_MS })
    return (readySchema.safeParse(answer).data?.epoch ?? 0) > 0
  } catch {
    return false
  }
}

/** Waits until the tracker of this monitor listens: what comes before that would be lost. @throws the signal's reason */
export async function awaitTracker(monitor: string, { bus, clock, signal }: ReadinessDeps): Promise<void> {
  for (;;) {
    const answer = bus.request(SUBJECTS.monitorReady(monitor), {}, { timeoutMs: REQUEST_TIMEOUT_MS })
    const isReady = await answer.then(
      () => true,
      () => false,
    )
    if (isReady) return
    await clock.sleep(RETRY_INTERVAL_MS, signal)
    signal.throwIfAborted()
  }
}
