import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../setup-error.ts'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'

/**
 * Ends the server when its starter is gone, even by SIGKILL: the starter holds the other end of stdin, and
 * the kernel closes it. A line on stdin means that the server ended first and there is nothing to do.
 * The program is compared before the kill, in case the pid was given to another process meanwhile.
 */
const WATCHDOG = `
read -r ended && exit 0
ours() { kill -0 "$1" 2>/dev/null && { [ ! -e /proc/self/exe ] || [ "/proc/$1/exe" -ef "$2" ]; }; }
ours "$1" "$2" && kill -TERM "$1"
waited=0
while ours "$1" "$2" && [ "$waited" -lt 50 ]; do sleep 0.1; waited=$((waited + 1)); done
ours "$1" "$2" && kill -KILL "$1"
`

const STOP_GRACE_MS = 5_000
const LOG_TAIL_BYTES = 4_096
const READY_POLL_INTERVAL_MS = 25
const READY_TIMEOUT_MS = 30_000

export interface ServerCommand {
  program: string
  args: string[]
  /** Added to this process's environment. */
  env?: Record<string, string>
  logFile: string
  /** Who it runs as, for servers that refuse to be root; this process's own user otherwise. */
  user?: { uid: number; gid: number }
}

/** One run of one server as a child of this process: its log, its end, and its end with ours. */
export class ServerProcess {
  readonly pid: number
  /** Resolves when the server has ended, whatever the reason. */
  readonly ended: Promise<void>
  readonly identity: ProcessIdentity | undefined
  readonly #child: ChildProcess
  readonly #logFile: string
  readonly #logStart: number

  private constructor(child: ChildProcess, command: ServerCommand, logStart: number) {
    this.#child = child
    this.#logFile = command.logFile
    this.#logStart = logStart
    this.pid = child.pid!
    this.identity = identifyProcess(this.pid)
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()))
    watchOver(child, command.program)
  }

  /** Starts the program; rejects when it can't be executed at all. */
  static async spawn(command: ServerCommand): Promise<ServerProcess> {
    const log = openSync(command.logFile, 'a', 0o600)
    const logStart = statSync(command.logFile).size
    try {
      // A session of its own, so that Ctrl-C reaches the starter alone and the servers end last.
      const child = spawn(command.program, command.args, {
        stdio: ['ignore', log, log],
        detached: true,
        env: { ...process.env, ...command.env },
        ...command.user,
      })
      await once(child, 'spawn')
      return new ServerProcess(child, command, logStart)
    } finally {
      closeSync(log)
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The last of what this run wrote to its log. */
  logTail(): string {
    const size = statSync(this.#logFile).size
    const from = Math.max(this.#logStart, size - LOG_TAIL_BYTES)
    const buffer = Buffer.alloc(Math.max(0, size - from))
    const log = openSync(this.#logFile, 'r')
    try {
      readSync(log, buffer, 0, buffer.length, from)
    } finally {
      closeSync(log)
    }
    return buffer.toString('utf8').trim()
  }

  /** Sends a signal; a signal that ends a process is waited for. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.ended
  }

  /** Ends the server: asked first, forced after a few seconds. Once it has ended, does nothing. */
  async stop(): Promise<void> {
    if (this.hasEnded) return
    this.#child.kill('SIGCONT')
    this.#child.kill('SIGTERM')
    const patience = new AbortController()
    const late = sleep(STOP_GRACE_MS, 'late', { signal: patience.signal }).catch(() => 'ended')
    const outcome = await Promise.race([this.ended, late])
    patience.abort()
    if (outcome === 'late') await this.kill('SIGKILL')
  }
}

/**
 * Asks again and again until the server answers, ends, or the time is up.
 * @param ask its version once the right server is ready, and nothing before
 * @returns the version
 * @throws SetupError SERVER_FAILED_TO_START with the end of the server's log
 */
export async function awaitReady(
  name: string,
  server: ServerProcess,
  ask: () => Promise<string | undefined>,
): Promise<string> {
  const startedAtMs = performance.now()
  while (!server.hasEnded && performance.now() - startedAtMs < READY_TIMEOUT_MS) {
    const version = await ask()
    if (version !== undefined) return version
    await Promise.race([server.ended, sleep(READY_POLL_INTERVAL_MS)])
  }
  const what = server.hasEnded
    ? 'ended before it was ready'
    : `was not ready after ${READY_TIMEOUT_MS / 1_000} s`
  if (!server.hasEnded) await server.kill('SIGKILL')
  throw new SetupError(
    'SERVER_FAILED_TO_START',
    `${name} ${what}. The end of its log:\n${server.logTail() || '(empty)'}`,
    'Fix what the log names, or remove the data folder to start afresh.',
  )
}

function watchOver(server: ChildProcess, program: string): void {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'murmur-watchdog', String(server.pid), program], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const stdin = watchdog.stdin as Socket
  watchdog.unref()
  stdin.unref()
  // Without a watchdog the server still ends with stop(), and a left-over is ended at the next start.
  watchdog.on('error', () => stdin.destroy())
  stdin.on('error', () => stdin.destroy())
  server.once('exit', () => stdin.end('ended\n'))
}
