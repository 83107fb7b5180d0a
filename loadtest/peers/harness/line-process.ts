import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { processTree } from './process-tree.ts'

export interface LineCommand {
  program: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  logFile: string
}

const READY_TIMEOUT_MS = 60_000
const STOP_GRACE_MS = 5000
const TAIL_CHARACTERS = 1500

/** A client or worker of a peer: takes lines on its standard input, says lines on descriptor 3, `ready` first. Everything else that it writes is its log. */
export class LineProcess {
  readonly #child: ChildProcess
  readonly #logFile: string
  readonly #listeners = new Set<(line: string) => void>()
  readonly #ready: Promise<void>

  constructor({ program, args, env, cwd, logFile }: LineCommand) {
    this.#logFile = logFile
    const log = openSync(logFile, 'a')
    this.#child = spawn(program, [...args], {
      stdio: ['pipe', log, log, 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    })
    closeSync(log)
    // Whoever writes to one that has been killed is told by its end.
    this.#child.stdin!.on('error', () => {})
    this.#ready = new Promise((resolve, reject) => {
      this.onLine((line) => line === 'ready' && resolve())
      this.#child.once('error', reject)
      this.#child.once('exit', (code, signal) =>
        reject(
          new Error(
            `${[program, ...args].join(' ')} ended with ${signal ?? code} before it was ready:\n${this.logTail()}`,
          ),
        ),
      )
    })
    this.#ready.catch(() => {})
    createInterface({ input: this.#child.stdio[3] as Readable }).on('line', (line) => {
      for (const listener of this.#listeners) listener(line)
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** @throws Error with the end of its log */
  async ready(): Promise<this> {
    const patience = new AbortController()
    const late = sleep(READY_TIMEOUT_MS, undefined, { signal: patience.signal }).then(
      () => {
        throw new Error(`not ready within ${READY_TIMEOUT_MS / 1000} s:\n${this.logTail()}`)
      },
      () => {},
    )
    try {
      await Promise.race([this.#ready, late])
    } finally {
      patience.abort()
    }
    return this
  }

  /** @returns a function that ends it */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  onEnd(listener: () => void): void {
    this.#child.once('exit', listener)
  }

  send(line: string): void {
    ;(this.#child.stdin as Writable).write(`${line}\n`)
  }

  logTail(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-TAIL_CHARACTERS).trim()
  }

  /** SIGKILL to it and all that it started, as when its container goes. Resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#child, 'exit')
    for (const pid of processTree(this.pid)) signal(pid, 'SIGKILL')
    await ended
  }

  /** Asked first, forced after a few seconds. */
  async stop(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin!.end()
    this.#child.kill('SIGTERM')
    const patience = new AbortController()
    const late = sleep(STOP_GRACE_MS, true, { signal: patience.signal }).catch(() => false)
    const isLate = await Promise.race([ended.then(() => false), late])
    patience.abort()
    if (isLate) await this.kill()
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}
