import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { percentile } from '#platform/statistics/percentile.ts'

/** By nearest rank; NaN of a run without a measurement, which shows in its line as null. */
export function percentileOrNaN(sorted: readonly number[], share: number): number {
  return sorted.length === 0 ? Number.NaN : percentile(sorted, share, 'nearest-rank')
}

/** The one in the middle, the lower of two; NaN of none. */
export function middleOf(values: readonly number[]): number {
  return percentileOrNaN(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}

/** Resident memory of a process in MB (10^6 bytes). */
export function rssMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return round((Number(kib) * 1024) / 1e6, 0)
}

/** Processor time that a process has used, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Watches this process' own event loop: a generator that is late itself measures nothing. */
export function watchOwnDelay(): { p99Ms(): number } {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  // The monitor's own timer is part of what it sees.
  return { p99Ms: () => Math.max(0, histogram.percentile(99) / 1e6 - 1) }
}

/** Resolves when the condition holds; looks again every few milliseconds. @throws Error after `timeoutMs` */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
