import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { MurmurError } from '../errors/murmur-error.ts'
import { collectStderrTail } from './stderr-tail.ts'

/** Between asking a program to end and killing it. */
const KILL_AFTER_MS = 2000
const MAX_STDERR_CHARACTERS = 256 * 1024

/** A program that goes on until it ends by itself or is ended. */
export interface MediaProcess {
  readonly child: ChildProcess
  /** Resolves with its exit code (null after a signal) when it is gone and its pipes are closed; rejects when it could not be started. */
  readonly closed: Promise<number | null>
  /** The end of what it wrote to stderr. */
  stderrTail(): string
  /** Asks it to end and kills it when it does not; resolves when it is gone. Never rejects. */
  end(): Promise<void>
}

/** Starts ffmpeg or a program like it without our environment, but with `env` alone: a proxy or a preset file there would change what is opened. */
export function startMediaProcess(
  program: string,
  args: readonly string[],
  stdio: { stdin: 'pipe' | 'ignore'; stdout: 'pipe' | 'ignore'; env?: Readonly<Record<string, string>> },
): MediaProcess {
  const options: SpawnOptions = { env: { ...stdio.env }, stdio: [stdio.stdin, stdio.stdout, 'pipe'] }
  const child = spawn(program, args, options)
  const stderrTail = collectStderrTail(child.stderr!)
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  closed.catch(() => undefined)
  return {
    child,
    closed,
    stderrTail,
    end() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
      const clear = () => clearTimeout(timer)
      return closed.then(clear, clear)
    },
  }
}

/** How a program ended, with what it wrote. */
export interface MediaToolRun {
  /** Null after a signal. */
  exitCode: number | null
  stdout: Buffer
  /** From its start, 256 Ki characters at most. */
  stderr: string
  /** Whether it was killed because it took too long; what it had written by then is there. */
  isTimedOut: boolean
}

export interface MediaToolLimits {
  /** Kills the program at once; the run then rejects with its reason. */
  signal: AbortSignal
  /** Milliseconds; without it the signal alone bounds the time. */
  timeoutMs?: number
  maxStdoutBytes: number
  /** Its whole environment: empty unless given. */
  env?: Readonly<Record<string, string>>
  /** What is said when it writes more than that. */
  tooLarge?: string
}

/**
 * Runs ffmpeg or ffprobe on untrusted input to its end: no shell, nothing of our environment, nothing on stdin, output
 * capped. Resolves only when the program is gone.
 * @throws MurmurError LIMIT_EXCEEDED when it writes more than the cap; the reason of the signal; Error when it can't be started
 */
export function runMediaTool(
  program: string,
  args: readonly string[],
  limits: MediaToolLimits,
): Promise<MediaToolRun> {
  const { signal, timeoutMs, maxStdoutBytes } = limits
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...limits.env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const stdout: Buffer[] = []
    let stdoutBytes = 0
    let stderr = ''
    let failure: Error | undefined
    let isTimedOut = false
    const kill = () => void child.kill('SIGKILL')
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            isTimedOut = true
            kill()
          }, timeoutMs)
    signal.addEventListener('abort', kill, { once: true })
    child.stdout.on('data', (part: Buffer) => {
      stdoutBytes += part.length
      if (stdoutBytes <= maxStdoutBytes) return void stdout.push(part)
      const message = limits.tooLarge ?? `a media program wrote more than ${maxStdoutBytes} bytes`
      failure = new MurmurError('LIMIT_EXCEEDED', message)
      kill()
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      if (stderr.length < MAX_STDERR_CHARACTERS)
        stderr += part.slice(0, MAX_STDERR_CHARACTERS - stderr.length)
    })
    child.on('error', (error) => {
      failure = error
    })
    child.on('close', (exitCode) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', kill)
      if (signal.aborted) reject(signal.reason)
      else if (failure) reject(failure)
      else resolve({ exitCode, stdout: Buffer.concat(stdout), stderr, isTimedOut })
    })
  })
}
