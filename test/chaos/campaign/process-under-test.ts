import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { ProcessNote } from './checker/history.ts'
import type { Journal } from './journal.ts'
import type { TcpProxy } from './tcp-proxy.ts'

const READY_TIMEOUT_MS = 60_000
const AFTER_CRASH_MS = 100

/** The sources at hand, or the release before them. */
export type Version = 'current' | 'release'

export interface ProcessOptions {
  instance: string
  role: ProcessNote['role']
  /** By version: where its program is. */
  mains: Record<Version, string>
  version: Version
  env: NodeJS.ProcessEnv
  logFile: string
  links: { nats: TcpProxy; redis?: TcpProxy }
}

/** One process of the product. It may be killed, frozen and started again under its name; one that ends unasked is started again. */
export class ProcessUnderTest {
  readonly links: ProcessOptions['links']
  readonly #options: ProcessOptions
  readonly #journal: Journal<ProcessNote>
  #child: ChildProcess | undefined
  #wanted = false
  #isFrozen = false
  #version: Version

  constructor(options: ProcessOptions, journal: Journal<ProcessNote>) {
    this.#options = options
    this.#journal = journal
    this.links = options.links
    this.#version = options.version
  }

  get instance(): string {
    return this.#options.instance
  }

  get role(): ProcessNote['role'] {
    return this.#options.role
  }

  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves when it says that it is ready. Does nothing when it runs. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    this.#wanted = true
    if (this.isAlive) return
    const log = openSync(this.#options.logFile, 'a')
    const child = fork(this.#options.mains[this.#version], {
      env: { ...this.#options.env, ...env },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    this.#child = child
    this.#note('started', child)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = setTimeout(() => reject(new Error(`${this.instance} is not ready`)), READY_TIMEOUT_MS)
    child.once('message', () => {
      this.#note('ready', child)
      resolve()
    })
    child.once('exit', (code, signal) => {
      this.#note('ended', child, { asked: !this.#wanted, how: signal ?? String(code) })
      resolve()
      if (this.#wanted && this.#child === child) this.#startAgain(child)
    })
    await promise.finally(() => clearTimeout(late))
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (!child || !this.isAlive) return
    const exit = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGTERM') child.kill('SIGCONT')
    await exit
  }

  /** Ends in order and begins again as the other version. */
  async changeTo(version: Version): Promise<void> {
    await this.end('SIGTERM')
    this.#version = version
    await this.start()
  }

  freeze(): void {
    if (!this.isAlive) return
    this.#isFrozen = true
    this.#child!.kill('SIGSTOP')
    this.#note('frozen', this.#child!)
  }

  thaw(): void {
    if (!this.isAlive || !this.#isFrozen) return
    this.#isFrozen = false
    this.#child!.kill('SIGCONT')
    this.#note('thawed', this.#child!)
  }

  #startAgain(ended: ChildProcess): void {
    setTimeout(() => {
      if (this.#wanted && this.#child === ended) void this.start().catch(() => undefined)
    }, AFTER_CRASH_MS)
  }

  #note(kind: ProcessNote['kind'], child: ChildProcess, more: Pick<ProcessNote, 'asked' | 'how'> = {}): void {
    const { instance, role } = this.#options
    const about = { instance, role, version: this.#version, pid: child.pid ?? 0 }
    this.#journal.write({ kind, atMs: Date.now(), ...about, ...more })
  }
}
