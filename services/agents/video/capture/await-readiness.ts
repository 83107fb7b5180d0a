import type { Clock } from '#platform/clock/clock.ts'
import type { Bus, Calling } from '#platform/nats/bus.ts'
import type { DetectorInfo } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

const REQUEST_TIMEOUT_MS = 1000
const AGAIN_MS = 250

export interface ReadinessDeps {
  bus: Calling & Pick<Bus, 'request'>
  clock: Clock
  signal: AbortSignal
}

/** What the detectors run; undefined when none answers just now. */
export async function askDetectors({ bus }: Pick<ReadinessDeps, 'bus'>): Promise<DetectorInfo | undefined> {
  try {
    return await bus.call('detectionInfo', {}, { timeoutMs: REQUEST_TIMEOUT_MS })
  } catch {
    // Nobody there yet, or one that is just starting: asked again.
    return undefined
  }
}

/** Waits for a detector, however long it takes. @throws the signal's reason */
export async function awaitDetectors(deps: ReadinessDeps): Promise<DetectorInfo> {
  for (;;) {
    const info = await askDetectors(deps)
    if (info) return info
    await deps.clock.sleep(AGAIN_MS, deps.signal)
    deps.signal.throwIfAborted()
  }
}

/** Waits until the tracker of this monitor listens: what comes before that would be lost. @throws the signal's reason */
export async function awaitTracker(monitor: string, { bus, clock, signal }: ReadinessDeps): Promise<void> {
  for (;;) {
    const asked = bus.request(SUBJECTS.monitorReady(monitor), {}, { timeoutMs: REQUEST_TIMEOUT_MS })
    const isReady = await asked.then(
      () => true,
      () => false,
    )
    if (isReady) return
    await clock.sleep(AGAIN_MS, signal)
    signal.throwIfAborted()
  }
}
