import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, fstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadyMessage } from '#platform/lifecycle/run-main.ts'
import { compileCache } from '../project-paths.ts'
import { SetupError } from '../setup-error.ts'
import { logTail, openServiceLog } from './service-log.ts'
import { type ServiceSpec, serviceEnvironment, serviceNodeOptions } from './service-spec.ts'
import type { NotedService } from './stack-note.ts'

const READY_TIMEOUT_MS = 60_000
/** Longer than the service's own grace period, after which it exits by itself. */
const STOP_TIMEOUT_MS = 15_000
const MIN_RESTART_DELAY_MS = 500
const MAX_RESTART_DELAY_MS = 10_000
/** A run of this length was a good one: the next restart is quick again. */
const STABLE_RUN_MS = 30_000

export interface ServiceWatcher {
  /** It ended unasked, and is started again after `restartMs`. */
  onDied(service: string, how: string, logTail: string, restartMs: number): void
  /** It is up again after that. */
  onBack(service: string): void
}

/**
 * A service as a child process that is kept alive.
 *
 *   new ──start──► starting ──ready──► up ──ends unasked──► waiting ──► starting …
 *                     │                 │                      │
 *                  ends: start fails    └───────── stop ───────┴──► stopped
 */
export class SupervisedService {
  readonly #spec: ServiceSpec
  readonly #watcher: ServiceWatcher
  readonly #stopping = new AbortController()
  #child: ChildProcess | undefined
  #logStart = 0
  #ready: ReadyMessage | undefined
  #startedAtMs = 0
  #quickDeaths = 0

  constructor(spec: ServiceSpec, watcher: ServiceWatcher) {
    this.#spec = spec
    this.#watcher = watcher
  }

  get note(): NotedService {
    const { httpPort: port, restPort, grpcPort } = this.#ready?.facts ?? {}
    return {
      name: this.#spec.name,
      pid: this.#child?.pid ?? 0,
      ...(typeof port === 'number' && { httpUrl: `http://127.0.0.1:${port}` }),
      ...(typeof restPort === 'number' && { restUrl: `http://127.0.0.1:${restPort}` }),
      ...(typeof grpcPort === 'number' && { grpcUrl: `127.0.0.1:${grpcPort}` }),
    }
  }

  /**
   * Resolves once the service says that it is ready; it is kept alive from then on.
   * @throws SetupError SERVER_FAILED_TO_START with the end of its log
   */
  async start(): Promise<void> {
    const child = this.#launch()
    const outcome = await readyOf(child, READY_TIMEOUT_MS)
    if (outcome.kind === 'ready') {
      this.#ready = outcome.message
      child.once('exit', () => void this.#restart(outcome.endedAs()))
      return
    }
    child.kill('SIGKILL')
    if (this.#stopping.signal.aborted) return
    throw new SetupError(
      'SERVER_FAILED_TO_START',
      `${this.#spec.name} ${outcome.why}.\n${this.#tail()}`,
      `The whole log is ${this.#spec.logFile}; murmur doctor checks what it needs.`,
    )
  }

  /** Ends it, asked first and forced when it takes too long. Does nothing once it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const child = this.#child
    if (!child || hasEnded(child)) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(patience)
  }

  #launch(): ChildProcess {
    const log = openServiceLog(this.#spec.logFile)
    try {
      this.#logStart = fstatSync(log).size
      this.#startedAtMs = performance.now()
      this.#child = fork(this.#spec.program, [], {
        execArgv: serviceNodeOptions(this.#spec.main),
        env: {
          NODE_COMPILE_CACHE: compileCache(),
          ...serviceEnvironment(this.#spec.main),
          ...this.#spec.env,
        },
        stdio: ['ignore', log, log, 'ipc'],
      })
      return this.#child
    } finally {
      closeSync(log)
    }
  }

  /** Tries until it is up again or the stack is stopped. */
  async #restart(how: string): Promise<void> {
    for (let why = how; !this.#stopping.signal.aborted; ) {
      const restartMs = this.#nextRestartMs()
      this.#watcher.onDied(this.#spec.name, why, this.#tail(), restartMs)
      if (!(await sleepUnlessAborted(restartMs, this.#stopping.signal))) return
      try {
        await this.start()
        if (!this.#stopping.signal.aborted) this.#watcher.onBack(this.#spec.name)
        return
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        why = 'did not start again'
      }
    }
  }

  #nextRestartMs(): number {
    this.#quickDeaths = performance.now() - this.#startedAtMs > STABLE_RUN_MS ? 0 : this.#quickDeaths + 1
    return Math.min(MAX_RESTART_DELAY_MS, MIN_RESTART_DELAY_MS * 2 ** Math.max(0, this.#quickDeaths - 1))
  }

  #tail(): string {
    return logTail(this.#spec.logFile, this.#logStart) || '(nothing was logged)'
  }
}

type Readiness =
  | { kind: 'ready'; message: ReadyMessage; endedAs: () => string }
  | { kind: 'not-ready'; why: string }

function readyOf(child: ChildProcess, timeoutMs: number): Promise<Readiness> {
  const endedAs = () =>
    child.signalCode ? `was ended by ${child.signalCode}` : `ended with exit code ${child.exitCode}`
  return new Promise((resolve) => {
    const settle = (readiness: Readiness) => {
      clearTimeout(patience)
      child.off('message', onMessage).off('exit', onExit).off('error', onError)
      resolve(readiness)
    }
    const onMessage = (message: unknown) => {
      if (isReady(message)) settle({ kind: 'ready', message, endedAs })
    }
    const onExit = () => settle({ kind: 'not-ready', why: `${endedAs()} before it was ready` })
    const onError = (error: Error) => settle({ kind: 'not-ready', why: `could not be run: ${error.message}` })
    const patience = setTimeout(
      () => settle({ kind: 'not-ready', why: `was not ready after ${timeoutMs / 1000} s` }),
      timeoutMs,
    )
    child.on('message', onMessage).on('exit', onExit).on('error', onError)
  })
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready'
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** @returns whether it slept to the end */
async function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return !signal.aborted
}
