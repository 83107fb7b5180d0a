import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'

/** Enough about a process to tell it from a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number
  /** When it started, in the system's own notation: compared, never computed with. */
  startedAt: string
  /** The program it runs. */
  program: string
}

/** The identity of a live process, or nothing when there is none (a zombie counts as none). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid)
  } catch {
    // The process is gone, or it is another user's: either way it is not one of ours.
    return undefined
  }
}

/** Whether the process that was recorded is still the one that runs under its pid. */
export function isSameProcess(recorded: ProcessIdentity): boolean {
  const now = identifyProcess(recorded.pid)
  return now !== undefined && now.startedAt === recorded.startedAt && now.program === recorded.program
}

function identifyByProc(pid: number): ProcessIdentity | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold spaces and parentheses; the fields start after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const startTicks = fields[19]
  if (state === 'Z' || startTicks === undefined) return undefined
  const program = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  return { pid, startedAt: startTicks, program }
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  const ask = (column: string) =>
    execFileSync('ps', ['-p', String(pid), '-o', `${column}=`], { encoding: 'utf8', timeout: 5_000 }).trim()
  const startedAt = ask('lstart')
  return startedAt === '' ? undefined : { pid, startedAt, program: ask('comm') }
}
