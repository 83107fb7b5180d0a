import { execFileSync, spawn } from 'node:child_process'
import { cpuSeconds } from '../bench/measure.ts'
import type { Contender } from './contenders.ts'
import { type Answer, peakMibOf, type Usage } from './own-usage.ts'

/** What came of one run. */
export type Run =
  | {
      status: 'done'
      /** From the start of the process to its end. */
      wallSeconds: number
      usage: Usage
      rowsRead: number
      steps: Record<string, number>
      versions: Record<string, string>
      said?: string
    }
  | { status: 'skipped' | 'refused' | 'failed'; reason: string; wallSeconds?: number; usage?: Usage }

const WATCH_MS = 200
const SHOWN_CHARACTERS = 300

/** Runs a contender over a file in a process of its own; what goes wrong in it is a result. */
export async function runContender(
  { command: [program, ...args], probe }: Contender,
  { file, timeoutMs }: { file: string; timeoutMs: number },
): Promise<Run> {
  const missing = probe && whyMissing(probe)
  if (missing !== undefined) return { status: 'skipped', reason: missing }
  const startedMs = performance.now()
  const child = spawn(program, [...args, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-10_000)
  })
  // For a process that does not live to tell: killed, or out of memory.
  let seen: Usage | undefined
  const watch = setInterval(() => {
    seen = usageOf(child.pid) ?? seen
  }, WATCH_MS)
  let isLate = false
  const limit = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, timeoutMs)
  const ended = await new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`))
  })
  clearInterval(watch)
  clearTimeout(limit)
  const wallSeconds = (performance.now() - startedMs) / 1000
  const soFar = { wallSeconds, ...(seen && { usage: seen }) }
  if (isLate) return { status: 'failed', reason: `not done within ${timeoutMs / 1000} s`, ...soFar }
  if (ended !== '')
    return {
      status: 'failed',
      reason: [ended, lastLine(errors).slice(0, SHOWN_CHARACTERS)].filter(Boolean).join(': '),
      ...soFar,
    }
  return runOf(output, soFar)
}

/** What the last line of the output says. Pure. */
export function runOf(output: string, soFar: { wallSeconds: number; usage?: Usage }): Run {
  let told: Answer
  try {
    told = JSON.parse(lastLine(output)) as Answer
  } catch {
    return { status: 'failed', reason: 'it printed no result', ...soFar }
  }
  const { wallSeconds } = soFar
  if ('refused' in told) return { status: 'refused', reason: told.refused, wallSeconds, usage: told.usage }
  const { usage, rowsRead, seconds, versions, said } = told
  return {
    status: 'done',
    wallSeconds,
    usage,
    rowsRead,
    steps: seconds,
    versions,
    ...(said !== undefined && { said }),
  }
}

function usageOf(pid: number | undefined): Usage | undefined {
  const peakMib = pid === undefined ? undefined : peakMibOf(pid)
  try {
    return peakMib === undefined ? undefined : { cpuSeconds: cpuSeconds(pid!), peakMib }
  } catch {
    // It ended in between.
    return undefined
  }
}

/** Why a contender is not on this machine, or undefined where it is. */
function whyMissing([program, ...args]: readonly [string, ...string[]]): string | undefined {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    return undefined
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer }
    return `${program}: ${(lastLine(stderr?.toString() ?? '') || message).slice(0, SHOWN_CHARACTERS)}`
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
