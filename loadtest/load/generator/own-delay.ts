import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Latencies } from '../measure/latencies.ts'

/** How late the generator itself was. Milliseconds. */
export interface OwnDelay {
  /** Of its event loop. */
  readonly loopP99Ms: number
  readonly loopMaxMs: number
  /** From when a question was due to when it was sent. */
  readonly lateP99Ms: number
  readonly lateMaxMs: number
  /** Processor time that it took, of one core: 0 to 1, more with threads. */
  readonly cpuShare: number
}

const RESOLUTION_MS = 10

/** Watches this process: a generator that is late itself measures its own delay, and not that of what it asks. */
export class OwnDelayWatch {
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #late = Latencies.empty()
  readonly #cpu = process.cpuUsage()
  readonly #startMs = performance.now()

  constructor() {
    this.#loop.enable()
  }

  /** @param ms from when something was due to when it was done */
  late(ms: number): void {
    this.#late.record(ms)
  }

  get figures(): OwnDelay {
    const { user, system } = process.cpuUsage(this.#cpu)
    const elapsedMs = performance.now() - this.#startMs
    // The monitor's own timer is part of what it sees.
    const own = (nanoseconds: number) => Math.max(0, round(nanoseconds / 1e6 - RESOLUTION_MS))
    return {
      loopP99Ms: own(this.#loop.percentile(99)),
      loopMaxMs: own(this.#loop.max),
      lateP99Ms: round(this.#late.at(0.99)),
      lateMaxMs: round(this.#late.percentiles.maxMs),
      cpuShare: round((user + system) / 1000 / elapsedMs, 3),
    }
  }

  stop(): void {
    this.#loop.disable()
  }
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
