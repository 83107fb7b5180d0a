import { systemClock } from '../clock/clock.ts'

const AGAIN_MS = 250

/** Tries what others have to make possible first. @throws what the last try throws, after `waitMs` */
export async function retryUntil<T>(attempt: () => Promise<T>, waitMs: number): Promise<T> {
  const untilMs = systemClock.monotonicMs() + waitMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (systemClock.monotonicMs() > untilMs) throw error
      await systemClock.sleep(AGAIN_MS)
    }
  }
}
