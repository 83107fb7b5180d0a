import { type ChildProcess, spawn } from 'node:child_process'
import { programOf } from '../support/program.ts'
import { until } from '../support/until.ts'
import { documentsIn } from './run-in-process.ts'

const MAIN = programOf('services/cli/main.ts')

/** A command that runs. */
export interface RunningMurmur {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** Resolves when it has written this. @throws Error when it does not within 20 s */
  wrote(pattern: RegExp): Promise<void>
  ended: Promise<number | null>
  /** The documents on standard output, one a line. */
  documents(): Record<string, unknown>[]
}

/** Starts a command as a user does: the program itself, with what it writes kept. */
export function startMurmur(
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): RunningMurmur {
  const child = spawn(process.execPath, [MAIN, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const written = { out: '', err: '' }
  child.stdout.on('data', (part: Buffer) => {
    written.out += part.toString()
  })
  child.stderr.on('data', (part: Buffer) => {
    written.err += part.toString()
  })
  return {
    child,
    out: () => written.out,
    err: () => written.err,
    wrote: (pattern) =>
      until(
        `${pattern} in\n${written.out}${written.err}`,
        () => pattern.test(written.out + written.err),
        20_000,
      ),
    ended: new Promise((resolve) => child.on('close', resolve)),
    documents: () => documentsIn(written.out),
  }
}
