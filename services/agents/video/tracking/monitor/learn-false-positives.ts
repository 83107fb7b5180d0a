import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import type { Calling, Subscribing } from '#platform/nats/bus.ts'
import { falsePositivesSchema } from '#schemas/false-positive.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { CameraTracker } from './camera-tracker.ts'

interface LearningDeps {
  bus: Calling & Subscribing
  clock: Pick<Clock, 'sleep'>
  tenant: string
  camera: string
  /** Undefined for what can't be read. */
  read<T>(schema: z.ZodType<T>, data: Uint8Array): T | undefined
}

const REQUEST_TIMEOUT_MS = 2000
/** A change that was not heard, while the connection was away, is known so soon. */
const ASK_INTERVAL_MS = 60_000
const FIRST_AGAIN_MS = 5000

/**
 * Keeps a tracker up to date with what its camera takes for something that it is not: asked for at the beginning and now and then, and heard
 * when it changes. Without alerting there are none: better an alert too many. @returns a function that ends it
 */
export function learnFalsePositives(tracker: Pick<CameraTracker, 'learn'>, deps: LearningDeps): () => void {
  const { bus, clock, tenant, camera, read } = deps
  const over = new AbortController()
  let heard = 0
  const end = bus.subscribe(SUBJECTS.falsePositives(tenant, camera), ({ data }) => {
    const changed = read(falsePositivesSchema, data)
    if (!changed) return
    heard++
    tracker.learn(changed.falsePositives)
  })
  void askAgainAndAgain()
  return () => {
    over.abort()
    end()
  }

  async function askAgainAndAgain(): Promise<void> {
    while (!over.signal.aborted)
      await clock.sleep((await ask()) ? ASK_INTERVAL_MS : FIRST_AGAIN_MS, over.signal)
  }

  async function ask(): Promise<boolean> {
    const before = heard
    try {
      const options = { timeoutMs: REQUEST_TIMEOUT_MS, tenant }
      const { falsePositives } = await bus.call('listFalsePositives', { camera }, options)
      // What was heard meanwhile is newer.
      if (!over.signal.aborted && heard === before) tracker.learn(falsePositives)
      return true
    } catch {
      // No alerting yet, or a link that is cut: asked again.
      return false
    }
  }
}
