import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { keyWork } from '#workflow/submission-keys/decide-key.ts'
import { DueWork, type DueWorkDeps } from '../partition/due-work.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import type { KeyedSubmissions } from './keyed-submissions.ts'
import type { KnownKey, SubmissionKeyStore } from './submission-key-store.ts'

export interface SubmissionKeyRunnerDeps extends DueWorkDeps {
  keys: Pick<SubmissionKeyStore, 'known'>
  submissions: Pick<KeyedSubmissions, 'work'>
  partitions: number
  owns: (partition: number) => boolean
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'ofName'> | undefined
  log: Log
}

/** How late a debounced task starts at most for want of a look. */
const TICK_MS = 50
const MAX_BUSY = 100
/** What waits for the end of a task is looked at again after this; what failed, too. */
const AGAIN_MS = 100
const FAILED_MS = 1000

/** Does what is to be done for keys when nobody submits: each by the orchestrator that has its partition. */
export class SubmissionKeyRunner implements Component {
  readonly name = 'submission key runner'
  readonly #deps: SubmissionKeyRunnerDeps
  readonly #loop: DueWork<KnownKey>

  constructor(deps: SubmissionKeyRunnerDeps) {
    this.#deps = deps
    const live = deps.live ?? fixedPartitions(deps.partitions)
    this.#loop = new DueWork(deps, {
      name: this.name,
      tickMs: TICK_MS,
      maxBusy: MAX_BUSY,
      items: () => this.#keys(),
      isDue: ({ subject, summary }, nowMs) =>
        keyWork(summary, nowMs) !== undefined && deps.owns(live.ofName(subject)),
      work: ({ subject }) => this.#work(subject),
    })
  }

  start(): void {
    this.#loop.start()
  }

  /** Nothing more is begun; what is under way is finished. */
  quiesce(): Promise<void> {
    return this.#loop.quiesce()
  }

  *#keys(): Iterable<readonly [string, KnownKey]> {
    for (const key of this.#deps.keys.known()) yield [key.subject, key]
  }

  /** Never rejects: it is tried again. */
  async #work(subject: string): Promise<void> {
    const { submissions, log } = this.#deps
    try {
      if (!(await submissions.work(subject))) this.#loop.again(subject, AGAIN_MS)
    } catch (error) {
      log.warn({ reason: messageOf(error), subject }, 'what a submission key asks for is tried again')
      this.#loop.again(subject, FAILED_MS)
    }
  }
}
