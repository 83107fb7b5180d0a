import type { Clock } from '#platform/clock/clock.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { STREAMS } from '#subjects/streams.ts'
import { openCounts } from '#workflow/decide/step-counts.ts'
import { type FoldOptions, type RestoredTask, restoreBatch } from '../partition/fold-batch.ts'
import { commitId, type PartitionStore } from '../partition/partition-store.ts'
import type { CheckpointLog, StoredHorizon } from './checkpoint-log.ts'
import { CheckpointReader } from './checkpoint-reader.ts'

export interface RestoreDeps {
  partition: number
  store: PartitionStore
  checkpoints: CheckpointLog
  streams: Pick<Streams, 'storedAt'>
  clock: Pick<Clock, 'monotonicMs'>
  logger: Pick<Log, 'warn' | 'info' | 'error'>
  options: FoldOptions
  signal: AbortSignal
  /** A task whose checkpoints can't be read. */
  onUnreadable: (taskId: string, why: string) => void
}

export interface RestoreFrom {
  /** Under which the partition was claimed in the store, with commit 0, and in CHECKPOINTS. */
  claim: string
  horizon: StoredHorizon
  log: { created: string; firstSeq: number; lastSeq: number }
  brokerNowMs: () => number
}

/** Where the fold goes on. */
export interface Restored {
  offset: number
  storedAtMs: number
  /** Commits that were made under the claim, behind that which made it. */
  commits: number
  tasks: number
}

const { name: LOG } = STREAMS.log
/** Tasks and bytes of one commit, about. */
const BATCH_TASKS = 500
const BATCH_BYTES = 2 * 1024 * 1024

/** Somebody else writes to the partition. */
export class RestoreRefused extends Error {}

/**
 * Writes all tasks of a partition's checkpoints into the store, as if their events had been folded. The offset stays at 0 until all of them
 * are there: who finds it there begins anew. The store has to be empty.
 * @throws RestoreRefused; LaterState when a key is missing, or a state is of a later version; Error when somebody does not answer
 */
export async function restorePartition(deps: RestoreDeps, from: RestoreFrom): Promise<Restored> {
  const { partition, store, checkpoints, streams, options, signal } = deps
  const { claim, horizon, log, brokerNowMs } = from
  await store.markRestored(partition, brokerNowMs())
  const writer = new RestoreWriter(store, { partition, claim, stream: log.created }, () => ({
    ...options,
    nowMs: brokerNowMs(),
  }))
  const reader = new CheckpointReader({
    ...{ partition, checkpoints, log, record: horizon.record, signal },
    storedAt: (seq) => streams.storedAt(LOG, seq),
    onUnreadable: deps.onUnreadable,
    onTask: (task, bytes) => writer.add(task, bytes),
  })
  const offset = await reader.read()
  await writer.flush()
  const storedAtMs = offset === 0 ? 0 : ((await streams.storedAt(LOG, offset)) ?? 0)
  signal.throwIfAborted()
  await writer.finish(offset, storedAtMs)
  return { offset, storedAtMs, commits: writer.commits, tasks: writer.tasks }
}

/** Collects tasks and writes them, batch behind batch. */
class RestoreWriter {
  readonly #store: Pick<PartitionStore, 'commit'>
  readonly #of: { partition: number; claim: string; stream: string }
  readonly #options: () => FoldOptions
  #waiting: RestoredTask[] = []
  #bytes = 0
  #writing: Promise<void> = Promise.resolve()
  commits = 0
  tasks = 0

  constructor(
    store: Pick<PartitionStore, 'commit'>,
    of: { partition: number; claim: string; stream: string },
    options: () => FoldOptions,
  ) {
    this.#store = store
    this.#of = of
    this.#options = options
  }

  /** Resolves when there is room for more: one batch is collected while another is written. */
  async add(task: RestoredTask, bytes: number): Promise<void> {
    this.#waiting.push(task)
    this.#bytes += bytes
    if (this.#waiting.length < BATCH_TASKS && this.#bytes < BATCH_BYTES) return
    await this.#writing
    this.#begin()
  }

  async flush(): Promise<void> {
    await this.#writing
    this.#begin()
    await this.#writing
  }

  /** From here on it is whole. */
  async finish(offset: number, storedAtMs: number): Promise<void> {
    await this.#commit([], offset, storedAtMs)
  }

  #begin(): void {
    const batch = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    if (batch.length === 0) return
    this.#writing = this.#commit(batch, 0, 0)
    // Told to whoever waits for it next.
    this.#writing.catch(() => {})
  }

  async #commit(batch: readonly RestoredTask[], offset: number, storedAtMs: number): Promise<void> {
    const { partition, claim, stream } = this.#of
    const { writes, depth, tenants, steps } = restoreBatch(batch, this.#options())
    this.tasks += writes.length
    const done = await this.#store.commit(partition, {
      id: commitId(claim, ++this.commits),
      ...{ expectedOffset: 0, offset, emitted: 0, level: false, log: { stream, storedAtMs } },
      ...{ writes, depth, tenants, steps: openCounts(steps) },
    })
    if (!done) throw new RestoreRefused('a commit of a restore was refused')
  }
}
