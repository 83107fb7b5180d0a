import { AsyncLocalStorage } from 'node:async_hooks'

/** For whom something is done, and until when that is of any use to them. */
export interface Asking {
  /** Whoever asked waits no longer than this, by a monotonic clock. Milliseconds; undefined: nobody knows. */
  readonly untilMs?: number | undefined
  /** Until then it may be asked again while nobody can answer; what is under way then may still be answered. The same clock. */
  readonly holdUntilMs?: number | undefined
  /** Aborted when whoever asked is gone. */
  readonly signal?: AbortSignal | undefined
}

const storage = new AsyncLocalStorage<Asking>()

/** Does something for somebody who waits for it: calls that it makes are held no longer than that, across awaits. */
export function withAsking<T>(asking: Asking, work: () => T): T {
  return storage.run(asking, work)
}

/** Who waits for what is done just now; undefined where nobody does. */
export function activeAsking(): Asking | undefined {
  return storage.getStore()
}
