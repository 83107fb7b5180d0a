import { monitorEventLoopDelay } from 'node:perf_hooks'

const NS_PER_MS = 1e6
const RESOLUTION_MS = 20

export interface EventLoopDelay {
  meanMs: number
  p99Ms: number
  maxMs: number
}

export interface EventLoopWatch {
  /** How late timers were since the last call, beyond the sampling interval. Starts a new window. */
  takeWindow(): EventLoopDelay
  stop(): void
}

/** Samples how late the event loop is. Costs 50 timer ticks a second and does not keep the process alive. */
export function watchEventLoop(): EventLoopWatch {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  // The histogram holds whole intervals between ticks, so an idle loop shows the resolution.
  const beyondResolution = (ns: number) =>
    Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS - RESOLUTION_MS) : 0
  return {
    takeWindow() {
      const empty = histogram.count === 0
      const delay = {
        meanMs: empty ? 0 : beyondResolution(histogram.mean),
        p99Ms: empty ? 0 : beyondResolution(histogram.percentile(99)),
        maxMs: empty ? 0 : beyondResolution(histogram.max),
      }
      histogram.reset()
      return delay
    },
    stop: () => void histogram.disable(),
  }
}
