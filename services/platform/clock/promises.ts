import { type Clock, systemClock } from './clock.ts'

const RETRY_INTERVAL_MS = 250

/** A promise with what settles it. (`Promise.withResolvers` is not there in Node 20, which the kit for agents runs on.) */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T | PromiseLike<T>): void
  reject(error: unknown): void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve']
  let reject!: Deferred<T>['reject']
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}

/** Tries what others have to make possible first. @throws what the last try throws, after `waitMs` */
export async function retryUntil<T>(attempt: () => Promise<T>, waitMs: number): Promise<T> {
  const untilMs = systemClock.monotonicMs() + waitMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (systemClock.monotonicMs() > untilMs) throw error
      await systemClock.sleep(RETRY_INTERVAL_MS)
    }
  }
}

/** What `withTimeout` gives when the time was up first. */
export const TIMED_OUT = Symbol('timed out')

/**
 * Resolves or rejects as the work does, or resolves with TIMED_OUT after `timeoutMs`; the work goes on then, and nobody hears how it ends.
 * @param work a function, where what it does before its first await counts as well
 * @param timeoutMs Infinity: however long it takes
 * @param clock what the time is measured by; by default a timer of the machine
 */
export async function withTimeout<T>(
  work: Promise<T> | (() => Promise<T>),
  timeoutMs: number,
  clock?: Pick<Clock, 'sleep'>,
): Promise<T | typeof TIMED_OUT> {
  // Timers of the machine take that for no time at all.
  if (timeoutMs === Number.POSITIVE_INFINITY) return typeof work === 'function' ? work() : work
  const timeout = clock ? sleptTimeout(timeoutMs, clock) : timerTimeout(timeoutMs)
  try {
    return await Promise.race([typeof work === 'function' ? work() : work, timeout.over])
  } finally {
    timeout.clear()
  }
}

interface Timeout {
  over: Promise<typeof TIMED_OUT>
  clear(): void
}

function timerTimeout(timeoutMs: number): Timeout {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), timeoutMs)
  })
  return { over, clear: () => clearTimeout(timer) }
}

function sleptTimeout(timeoutMs: number, clock: Pick<Clock, 'sleep'>): Timeout {
  const ended = new AbortController()
  const over = clock.sleep(timeoutMs, ended.signal).then(() => TIMED_OUT)
  return { over: over as Promise<typeof TIMED_OUT>, clear: () => ended.abort() }
}
