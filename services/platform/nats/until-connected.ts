import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'

/** A server with much on its disk takes a while to start. */
const WAIT_MS = 300_000
const AGAIN_MS = 250
const SAY_INTERVAL_MS = 5000

/**
 * Connects as soon as a server answers; says now and then what it waits for.
 * @throws MurmurError UNAVAILABLE after five minutes; everything else that `connect` throws, at once
 */
export async function untilConnected<T>(
  connect: () => Promise<T>,
  log: Log,
  waitMs: number = WAIT_MS,
): Promise<T> {
  const untilMs = systemClock.monotonicMs() + waitMs
  let saidMs = Number.NEGATIVE_INFINITY
  for (;;) {
    try {
      return await connect()
    } catch (error) {
      const nowMs = systemClock.monotonicMs()
      if (!(error instanceof MurmurError) || error.code !== 'UNAVAILABLE' || nowMs > untilMs) throw error
      if (nowMs - saidMs >= SAY_INTERVAL_MS) {
        saidMs = nowMs
        log.warn({ reason: error.message }, 'waiting for NATS')
      }
      await systemClock.sleep(AGAIN_MS)
    }
  }
}
