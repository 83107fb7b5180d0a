import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '../../../../services/platform/clock/clock.ts'
import type { Pod } from './pod.ts'

const TICKS_PER_SECOND = 100

interface Usage {
  /** Resident memory of all its processes. */
  rssMb: number
  /** Of that, what is no page of a file: it can't be had back, and a limit counts all of it. */
  ownMb: number
  /** Processor time so far, in seconds. */
  cpuSeconds: number
}

export interface UsageDuring extends Omit<Usage, 'cpuSeconds'> {
  /** Processor time in thousandths of a core, on average. */
  millicores: number
}

/** The most memory that each pod has, and its processor time, over so many milliseconds. */
export async function usageDuring(pods: readonly Pod[], ms: number): Promise<Map<string, UsageDuring>> {
  const sinceMs = performance.now()
  const first = pods.map(usageOf)
  let last = first
  const most = first.map(({ rssMb, ownMb }) => ({ rssMb, ownMb }))
  while (performance.now() - sinceMs < ms) {
    await systemClock.sleep(1000)
    last = pods.map(usageOf)
    for (const [i, { rssMb, ownMb }] of last.entries())
      most[i] = { rssMb: Math.max(most[i]!.rssMb, rssMb), ownMb: Math.max(most[i]!.ownMb, ownMb) }
  }
  const passedMs = performance.now() - sinceMs
  return new Map(
    pods.map(({ name }, i) => {
      const seconds = last[i]!.cpuSeconds - first[i]!.cpuSeconds
      return [name, { ...most[i]!, millicores: (seconds / passedMs) * 1_000_000 }]
    }),
  )
}

/** What the processes of a pod take: its own and those that it started. */
function usageOf(pod: Pod): Usage {
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
  const memory = own.map(memoryOf)
  const sum = (key: 'rssMb' | 'ownMb') => memory.reduce((all, each) => all + each[key], 0)
  return { rssMb: sum('rssMb'), ownMb: sum('ownMb'), cpuSeconds: ticks / TICKS_PER_SECOND }
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

function memoryOf(pid: number): { rssMb: number; ownMb: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024
    return { rssMb: mb('VmRSS'), ownMb: mb('RssAnon') + mb('RssShmem') }
  } catch {
    // It has ended meanwhile.
    return { rssMb: 0, ownMb: 0 }
  }
}
