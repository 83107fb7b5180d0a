import type { Clock } from './clock.ts'

/** A clock that stands still until a test turns it. */
export interface ManualClock extends Clock {
  /** Moves time on; whoever sleeps until then is woken in order, and may go to sleep again within the same turn. */
  advance(ms: number): Promise<void>
  /** How many sleeps are pending. */
  readonly sleeping: number
  /** Resolves once at least `count` sleeps are pending: the signal to await before turning the clock. */
  whenSleeping(count?: number): Promise<void>
}

interface Sleeper {
  dueMs: number
  wake(): void
}

/** Starts at a fixed moment, so that runs are alike. */
export function createManualClock(startMs = 1_790_000_000_000): ManualClock {
  let elapsedMs = 0
  const sleepers = new Set<Sleeper>()
  const watchers = new Set<{ count: number; resolve(): void }>()

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueMs: elapsedMs + Math.max(0, ms),
        wake() {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
      for (const watcher of watchers) if (sleepers.size >= watcher.count) watcher.resolve()
    })
  }

  async function advance(ms: number): Promise<void> {
    const targetMs = elapsedMs + ms
    await settle()
    for (let next = earliest(); next && next.dueMs <= targetMs; next = earliest()) {
      elapsedMs = Math.max(elapsedMs, next.dueMs)
      next.wake()
      await settle()
    }
    elapsedMs = targetMs
  }

  function earliest(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of sleepers) if (!first || sleeper.dueMs < first.dueMs) first = sleeper
    return first
  }

  function whenSleeping(count = 1): Promise<void> {
    if (sleepers.size >= count) return Promise.resolve()
    return new Promise((resolve) => {
      const watcher = {
        count,
        resolve() {
          watchers.delete(watcher)
          resolve()
        },
      }
      watchers.add(watcher)
    })
  }

  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep,
    advance,
    whenSleeping,
    get sleeping() {
      return sleepers.size
    },
  }
}

/** Lets everything run that was waiting for what has just been resolved. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
