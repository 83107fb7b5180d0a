import type { Log } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** A machine that is set by the network is off by milliseconds. */
const WORTH_A_WARNING_MS = 1000
const POLL_INTERVAL_MS = 5000

/**
 * Shows how far this machine's clock is from the broker's, and warns when that is far: once, until it is another.
 * @returns a function that ends it
 */
export function watchClockSkew(
  clock: { readonly skewMs: number },
  { log, metrics }: { log: Log; metrics: Metrics },
): () => void {
  let warnedMs = 0
  metrics.onScrape(() =>
    metrics
      .gauge('murmur_clock_skew_seconds')
      .labels()
      .set(clock.skewMs / 1000),
  )
  const poll = () => {
    const { skewMs } = clock
    if (Math.abs(skewMs - warnedMs) < WORTH_A_WARNING_MS) return
    warnedMs = Math.abs(skewMs) < WORTH_A_WARNING_MS ? 0 : skewMs
    const skewSeconds = Math.round(skewMs / 100) / 10
    if (warnedMs === 0) log.info({ skewSeconds }, "this machine's clock is right again")
    else
      log.warn(
        { skewSeconds },
        "this machine's clock differs from the broker's: decisions go by the broker's, log lines and traces by this one; let NTP set it",
      )
  }
  const timer = setInterval(poll, POLL_INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}
