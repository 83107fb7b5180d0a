import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { keyWork } from '#workflow/submission-keys/decide-key.ts'
import type { KeyedSubmissions } from './keyed-submissions.ts'
import type { SubmissionKeyStore } from './submission-key-store.ts'

export interface SubmissionKeyRunnerDeps {
  keys: Pick<SubmissionKeyStore, 'known'>
  submissions: Pick<KeyedSubmissions, 'work'>
  partitions: number
  owns: (partition: number) => boolean
  /** The broker's: no machine's clock decides when something starts. */
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  log: Log
}

/** How late a debounced task starts at most for want of a look. */
const TICK_MS = 50
/** Keys that are worked on at the same time; the others have their turn with the next ticks. */
const MAX_BUSY = 100
/** What waits for the end of a task is looked at again after this; what failed, too. */
const AGAIN_MS = 100
const FAILED_MS = 1000

/**
 * Does what is to be done for keys when nobody submits: each by the orchestrator that has its partition. That two may think that they
 * have it does no harm.
 */
export class SubmissionKeyRunner implements Component {
  readonly name = 'submission key runner'
  readonly #deps: SubmissionKeyRunnerDeps
  readonly #busy = new Map<string, Promise<void>>()
  /** Not looked at before this, on `monotonicMs`. */
  readonly #notBefore = new Map<string, number>()
  readonly #stopping = new AbortController()
  #loop: Promise<void> = Promise.resolve()

  constructor(deps: SubmissionKeyRunnerDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#loop = this.#run()
  }

  /** Nothing more is begun; what is under way is finished. */
  async quiesce(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.all(this.#busy.values())
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#deps.clock.sleep(TICK_MS, signal)
      if (!signal.aborted) this.#tick()
    }
  }

  #tick(): void {
    const { keys, owns, partitions, clock } = this.#deps
    const nowMs = clock.nowMs()
    const monotonicMs = clock.monotonicMs()
    for (const [subject, atMs] of this.#notBefore) if (atMs <= monotonicMs) this.#notBefore.delete(subject)
    for (const { subject, summary } of keys.known()) {
      if (this.#busy.size >= MAX_BUSY) return
      if (keyWork(summary, nowMs) === undefined || this.#busy.has(subject) || this.#notBefore.has(subject))
        continue
      if (!owns(partitionOf(subject, partitions))) continue
      const work = this.#work(subject).finally(() => this.#busy.delete(subject))
      this.#busy.set(subject, work)
    }
  }

  /** Never rejects: it is tried again. */
  async #work(subject: string): Promise<void> {
    const { submissions, clock, log } = this.#deps
    try {
      if (!(await submissions.work(subject))) this.#notBefore.set(subject, clock.monotonicMs() + AGAIN_MS)
    } catch (error) {
      log.warn({ reason: messageOf(error), subject }, 'what a submission key asks for is tried again')
      this.#notBefore.set(subject, clock.monotonicMs() + FAILED_MS)
    }
  }
}
