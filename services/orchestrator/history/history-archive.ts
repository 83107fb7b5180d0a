import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { ArchiveCommand, ArchiveMessage, ArchiveOrder } from './archive-thread.ts'
import type { ArchiveBacklog } from './partition-archiver.ts'
import { logName } from './segment-format.ts'

export interface HistoryArchiveDeps {
  order: ArchiveOrder
  /** Partitions that this process owns now. */
  owned: () => Iterable<number>
  clock: Clock
  metrics: Pick<Metrics, 'counter' | 'gauge'>
  log: Pick<Log, 'error' | 'warn'>
}

/** As it was loaded: `.ts` from source, `.js` in a built package. */
const THREAD = new URL(`./archive-thread${extname(import.meta.url)}`, import.meta.url)
/** Between two looks at what is owned. Milliseconds. */
const POLL_INTERVAL_MS = 500
const START_AGAIN_MS = 1000
const STOPPED_TIMEOUT_MS = 3000
const HURRY_INTERVAL_MS = 5000

/**
 * Writes what happened in the partitions of this process into the archive, in a thread of its own, which is started again when it ends. It
 * never holds up a task: when it is away, the log keeps what it has not written.
 */
export class HistoryArchive implements Component {
  readonly name = 'history archive'
  readonly #deps: HistoryArchiveDeps
  readonly #stopping = new AbortController()
  #worker: Worker | undefined
  #owned = ''
  #timer: NodeJS.Timeout | undefined
  /** Up to where partitions that this process owns are archived, of which log. */
  readonly #reached = new Map<number, { log: string; toSeq: number }>()
  readonly #backlogs = new Map<number, ArchiveBacklog>()
  #hurriedMs = Number.NEGATIVE_INFINITY

  constructor(deps: HistoryArchiveDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#startThread()
    this.#timer = setInterval(() => this.#poll(), POLL_INTERVAL_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#timer)
    const worker = this.#worker
    if (!worker) return
    const waiting = new AbortController()
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'stop' } satisfies ArchiveCommand)
    await Promise.race([ended, this.#deps.clock.sleep(STOPPED_TIMEOUT_MS, waiting.signal)])
    waiting.abort()
    await worker.terminate()
  }

  /** Up to where a partition of the log that was made then is archived, durably; undefined while that is not known here. */
  archivedUpTo(streamCreated: string, partition: number): number | undefined {
    const reached = this.#reached.get(partition)
    return reached?.log === logName(streamCreated) ? reached.toSeq : undefined
  }

  /** What of a partition is to be archived still, as it was known last. */
  backlogOf(partition: number): ArchiveBacklog {
    return this.#backlogs.get(partition) ?? { events: 0, bytes: 0 }
  }

  /** Has what is collected written within so many milliseconds, for a while: somebody waits for it to be in the archive. */
  hurry(segmentMs: number): void {
    const nowMs = this.#deps.clock.monotonicMs()
    if (nowMs - this.#hurriedMs < HURRY_INTERVAL_MS) return
    this.#hurriedMs = nowMs
    this.#worker?.postMessage({ kind: 'hurry', segmentMs } satisfies ArchiveCommand)
  }

  #poll(): void {
    const partitions = [...this.#deps.owned()].toSorted((a, b) => a - b)
    const text = partitions.join()
    if (text === this.#owned || !this.#worker) return
    this.#owned = text
    for (const known of [this.#reached, this.#backlogs])
      for (const partition of known.keys()) if (!partitions.includes(partition)) known.delete(partition)
    this.#worker.postMessage({ kind: 'own', partitions } satisfies ArchiveCommand)
  }

  #startThread(): void {
    const { order, log } = this.#deps
    const worker = new Worker(THREAD, { workerData: order, name: 'archive' })
    worker.unref()
    this.#worker = worker
    this.#owned = ''
    worker.on('message', (message: ArchiveMessage) => this.#onMessage(message))
    worker.on('error', (error) => log.error({ err: error }, 'the thread of the archive failed'))
    worker.once('exit', () => void this.#startAgain())
  }

  async #startAgain(): Promise<void> {
    const { clock, log } = this.#deps
    this.#worker = undefined
    if (this.#stopping.signal.aborted) return
    log.warn({ afterMs: START_AGAIN_MS }, 'the thread of the archive has ended and is started again')
    await clock.sleep(START_AGAIN_MS, this.#stopping.signal)
    if (this.#stopping.signal.aborted) return
    try {
      this.#startThread()
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'the thread of the archive cannot be started')
    }
  }

  #onMessage(message: ArchiveMessage): void {
    const { metrics } = this.#deps
    if (message.kind === 'backlogs') {
      for (const { partition, backlog } of message.backlogs) this.#backlogs.set(partition, backlog)
      return
    }
    const { log, partition, toSeq, written } = message
    this.#reached.set(partition, { log, toSeq })
    if (!written) return
    metrics.counter('murmur_archived_events_total').labels().inc(written.events)
    metrics.counter('murmur_archived_bytes_total').labels().inc(written.bytes)
  }
}
