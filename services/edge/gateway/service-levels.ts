import { percentileBucket } from '#platform/statistics/percentile.ts'
import type { ServiceLevels } from '#schemas/system-status.ts'
import type { TaskEventKind } from '#schemas/task-event.ts'

/** What is shown covers this much time, in slices that are forgotten one by one. */
const WINDOW_MS = 300_000
const SLICE_MS = 10_000
/** Bounds of the classes of latency grow by this factor: what is read off is within 5 %. */
const GROWTH = 1.1
const CLASSES = 180
const LEAST_MS = 0.5

interface Slice {
  startMs: number
  accepted: number
  completed: number
  failed: number
  cancelled: number
  /** Completed tasks by class of latency. */
  latencies: Uint32Array
}

/** What happened to tasks over the last five minutes: counts and latencies in bounded memory, whatever the load. */
export class ServiceLevelWindow {
  readonly #slices: Slice[] = []
  readonly #startedMs: number

  /** @param nowMs any clock that goes forward; the same in all calls */
  constructor(nowMs: number) {
    this.#startedMs = nowMs
  }

  /** @param latencyMs from acceptance to the end, of completed tasks */
  record(kind: TaskEventKind, nowMs: number, latencyMs?: number): void {
    const slice = this.#sliceAt(nowMs)
    if (kind === 'accepted') slice.accepted++
    else if (kind === 'failed') slice.failed++
    else if (kind === 'cancelled') slice.cancelled++
    else if (kind === 'completed') {
      slice.completed++
      if (latencyMs !== undefined) slice.latencies[classOf(latencyMs)]!++
    }
  }

  read(nowMs: number): ServiceLevels {
    this.#forget(nowMs)
    const sum = (field: 'accepted' | 'completed' | 'failed' | 'cancelled') =>
      this.#slices.reduce((total, slice) => total + slice[field], 0)
    const [accepted, completed, failed, cancelled] = [
      sum('accepted'),
      sum('completed'),
      sum('failed'),
      sum('cancelled'),
    ]
    const windowS = Math.max(1, Math.min(WINDOW_MS, nowMs - this.#startedMs) / 1000)
    const latencyMs = this.#percentiles()
    return {
      windowS: rounded(windowS),
      accepted,
      completed,
      failed,
      cancelled,
      acceptedPerSecond: rounded(accepted / windowS),
      endedPerSecond: rounded((completed + failed + cancelled) / windowS),
      errorRate: completed + failed === 0 ? 0 : failed / (completed + failed),
      ...(latencyMs && { latencyMs }),
    }
  }

  #percentiles(): ServiceLevels['latencyMs'] {
    const counts = new Float64Array(CLASSES)
    for (const { latencies } of this.#slices) for (let i = 0; i < CLASSES; i++) counts[i]! += latencies[i]!
    if (counts.every((count) => count === 0)) return undefined
    const at = (share: number) =>
      rounded(LEAST_MS * GROWTH ** (percentileBucket(counts.entries(), share)! - 0.5))
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
  }

  #sliceAt(nowMs: number): Slice {
    const startMs = Math.floor(nowMs / SLICE_MS) * SLICE_MS
    const last = this.#slices.at(-1)
    if (last && last.startMs >= startMs) return last
    this.#forget(nowMs)
    const slice = {
      startMs,
      accepted: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
      latencies: new Uint32Array(CLASSES),
    }
    this.#slices.push(slice)
    return slice
  }

  #forget(nowMs: number): void {
    while (this.#slices[0] && this.#slices[0].startMs + SLICE_MS <= nowMs - WINDOW_MS) this.#slices.shift()
  }
}

function classOf(latencyMs: number): number {
  if (latencyMs <= LEAST_MS) return 0
  return Math.min(CLASSES - 1, Math.ceil(Math.log(latencyMs / LEAST_MS) / Math.log(GROWTH)))
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
