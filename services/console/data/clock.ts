/** The only place of the console that asks what time it is: everything else is given it. */

/** Unix milliseconds. */
export function nowMs(): number {
  return Date.now()
}

/** Milliseconds from a fixed moment on. */
export function monotonicMs(): number {
  return performance.now()
}

/** Resolves after the time, or at once when the signal ends it. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Between 0 and 1, for jitter. */
export function chance(): number {
  return Math.random()
}
