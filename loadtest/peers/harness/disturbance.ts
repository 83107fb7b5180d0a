import { readFileSync } from 'node:fs'
import { cpuSeconds } from '../../bench/measure.ts'
import { processTree } from './process-tree.ts'

const TICKS_PER_SECOND = 100

/**
 * Watches what others take of the processors meanwhile: other processes of this machine, and other machines of its host (steal).
 * @returns their share of all processor time since, 0 to 1; undefined where /proc does not tell
 */
export function watchOthers(): () => number | undefined {
  const before = sample()
  return () => {
    const after = sample()
    if (!before || !after) return undefined
    const busy = after.busy - before.busy - (after.own - before.own)
    return Math.max(0, busy / (after.total - before.total))
  }
}

/** Seconds of all processors from the first line of `/proc/stat`. Pure. */
export function processorTime(stat: string): { busy: number; total: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0] = stat
    .slice(0, stat.indexOf('\n'))
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND)
  const busy = user + nice + system + irq + softirq + steal
  return { busy, total: busy + idle + waiting }
}

function sample(): { busy: number; total: number; own: number } | undefined {
  try {
    const own = processTree(process.pid).reduce((sum, pid) => sum + secondsOf(pid), 0)
    return { ...processorTime(readFileSync('/proc/stat', 'utf8')), own }
  } catch {
    return undefined
  }
}

function secondsOf(pid: number): number {
  try {
    return cpuSeconds(pid)
  } catch {
    // It has ended meanwhile.
    return 0
  }
}
