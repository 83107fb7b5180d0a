import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../setup-error.ts'

const MIN_RESTART_DELAY_MS = 200
const MAX_RESTART_DELAY_MS = 10_000
/** A run of this length was a good one: the next restart is quick again. */
const STABLE_RUN_MS = 30_000
/** Some two minutes of trying: what has not helped by then does not help. */
const MAX_ATTEMPTS = 16

/** Told about a server that is kept alive. */
export interface ServerWatcher {
  /** It ended unasked, or has to be started anew, which happens after `restartMs`. */
  onDied(server: string, why: string, restartMs: number): void
  /** It is up again, where it was and with what it had. */
  onBack(server: string): void
  /** It is not started any more. */
  onGivenUp(server: string, why: string): void
}

export interface ServerKeeperDeps {
  name: string
  /** On the same ports and data; rejects when it does not come up. */
  restart(): Promise<void>
  watcher: ServerWatcher
}

/**
 * Keeps a server alive:
 *
 *   up ──ends unasked──► waiting ──► starting ──► up        later and later while it keeps dying
 *                           ▲           │ fails
 *                           └───────────┴──► given up       after many tries, or when its data can't be loaded
 */
export class ServerKeeper {
  readonly #deps: ServerKeeperDeps
  readonly #stopping = new AbortController()
  #startedAtMs = performance.now()
  #tries = 0
  #reviving: Promise<void> | undefined

  constructor(deps: ServerKeeperDeps) {
    this.#deps = deps
  }

  /** It has ended, or is of no use any more: starts it again. While that goes on already, nothing more. */
  revive(why: string): void {
    if (this.#stopping.signal.aborted) return
    this.#reviving ??= this.#revive(why).finally(() => {
      this.#reviving = undefined
    })
  }

  /** Nothing is started any more; resolves when nothing is being started. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#reviving
  }

  async #revive(firstWhy: string): Promise<void> {
    const { name, restart, watcher } = this.#deps
    const { signal } = this.#stopping
    if (performance.now() - this.#startedAtMs > STABLE_RUN_MS) this.#tries = 0
    for (let why = firstWhy; !signal.aborted; ) {
      if (this.#tries >= MAX_ATTEMPTS) return watcher.onGivenUp(name, why)
      const restartMs = Math.min(MAX_RESTART_DELAY_MS, MIN_RESTART_DELAY_MS * 2 ** this.#tries++)
      watcher.onDied(name, why, restartMs)
      if (!(await sleepUnlessAborted(restartMs, signal))) return
      try {
        this.#startedAtMs = performance.now()
        await restart()
        if (!signal.aborted) watcher.onBack(name)
        return
      } catch (error) {
        if (signal.aborted) return
        why = (error as Error).message
        // It would come up without a part of its data: that is not for us to decide.
        if (error instanceof SetupError && error.code === 'DATA_NOT_LOADED')
          return watcher.onGivenUp(name, why)
      }
    }
  }
}

/** @returns whether it slept to the end */
async function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return !signal.aborted
}
