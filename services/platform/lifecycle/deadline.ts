import type { Clock } from '../clock/clock.ts'

/** A moment by which something has to be over. */
export interface Deadline {
  /** Milliseconds that are left; 0 when it has passed. */
  remainingMs(): number
  /** Aborted when it passes. */
  readonly signal: AbortSignal
  /**
   * Runs the work, but does not wait for it beyond the deadline: false when that came first. Rejects as the work does.
   * Work that begins at the last moment or later still gets a moment of its own.
   */
  race(work: () => Promise<void>): Promise<boolean>
}

/** What everyone gets: enough to say goodbye to a server, though others have used up the time. */
const LAST_WORDS_MS = 200

/** A deadline `afterMs` from now. `clear` ends its timer without it passing. */
export function createDeadline(clock: Clock, afterMs: number): Deadline & { clear(): void } {
  const endMs = clock.monotonicMs() + afterMs
  const passing = new AbortController()
  const clearing = new AbortController()
  const passed = clock.sleep(afterMs, clearing.signal).then(() => {
    if (!clearing.signal.aborted) passing.abort(new Error(`not over after ${afterMs} ms`))
    return false
  })
  const remainingMs = () => Math.max(0, endMs - clock.monotonicMs())
  const lastWords = () => clock.sleep(LAST_WORDS_MS, clearing.signal).then(() => false)
  return {
    remainingMs,
    signal: passing.signal,
    race: (work) => {
      const tooLate = remainingMs() < LAST_WORDS_MS ? lastWords() : passed
      return Promise.race([work().then(() => true), tooLate])
    },
    clear: () => clearing.abort(),
  }
}
