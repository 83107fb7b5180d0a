import { readFileSync } from 'node:fs'

/** What a process has used since it began. */
export interface Usage {
  cpuSeconds: number
  /** The most resident memory that it had at one time. */
  peakMib: number
}

/** The last line of a contender's output. */
export type Answer = { usage: Usage } & (
  | { rowsRead: number; seconds: Record<string, number>; versions: Record<string, string>; said?: string }
  /** Why the file was not taken: a limit, not a fault of the program. */
  | { refused: string }
)

/** Of this process, all its threads. */
export function ownUsage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMib: peakMibOf('self') ?? maxRSS / 1024 }
}

/**
 * Of a process that runs. Where /proc is not there, undefined.
 * The kernel's `maxrss` would count what the parent had before the program was loaded; VmHWM does not.
 */
export function peakMibOf(pid: number | 'self'): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? undefined : Number(kib) / 1024
  } catch {
    return undefined
  }
}

/** Writes the answer of this process to standard output. */
export function answer(
  content: { refused: string } | Omit<Extract<Answer, { rowsRead: number }>, 'usage'>,
): void {
  process.stdout.write(`${JSON.stringify({ ...content, usage: ownUsage() })}\n`)
}
