/** Time as the code may see it. Everything that asks for the time takes one of these, so that tests can turn it by hand. */
export interface Clock {
  /** Unix time in milliseconds. May jump when the machine's clock is set. */
  nowMs(): number
  /** Milliseconds since some moment in the past, with a fraction. Never goes back: for durations. */
  monotonicMs(): number
  /** Resolves after `ms`, or as soon as the signal aborts, whichever is first: a loop looks at its signal anyway. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock: the only place that reads it. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep,
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', finish, { once: true })
  })
}
