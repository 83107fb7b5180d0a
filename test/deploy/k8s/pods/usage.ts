import { readdirSync, readFileSync } from 'node:fs'
import type { Pod } from './pod.ts'

const TICKS_PER_SECOND = 100

export interface Usage {
  /** Resident memory of all its processes, as a container's limit counts it but for the page cache. */
  rssMb: number
  /** Processor time so far, in seconds. */
  cpuSeconds: number
}

/** What the processes of a pod take: its own and those that it started. */
export function usageOf(pod: Pod): Usage {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map<number, number>()
  const stats = new Map<number, string[]>()
  for (const name of processes) {
    const fields = statOf(Number(name))
    if (!fields) continue
    stats.set(Number(name), fields)
    parents.set(Number(name), Number(fields[1]))
  }
  const isOfPod = (pid: number): boolean => {
    for (let each: number | undefined = pid; each !== undefined && each > 1; each = parents.get(each))
      if (each === pod.pid) return true
    return false
  }
  const own = [...stats.keys()].filter(isOfPod)
  const ticks = own.reduce((sum, pid) => {
    const fields = stats.get(pid)!
    // utime, stime, and of children that have ended
    return sum + [11, 12, 13, 14].reduce((all, i) => all + Number(fields[i]), 0)
  }, 0)
  return { rssMb: own.reduce((sum, pid) => sum + rssOf(pid), 0), cpuSeconds: ticks / TICKS_PER_SECOND }
}

/** The fields of /proc/PID/stat after the name, which may have spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}

function rssOf(pid: number): number {
  try {
    const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib) / 1024
  } catch {
    return 0
  }
}
