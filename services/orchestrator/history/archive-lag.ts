import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { Poller } from '../intake/poller.ts'
import type { HistoryArchive } from './history-archive.ts'

export interface ArchiveLagDeps {
  bus: { streams: Pick<Bus['streams'], 'createdAt' | 'placeFrom'> }
  history: Pick<HistoryArchive, 'archivedUpTo' | 'backlogOf'>
  /** Partitions that this process owns now. */
  owned: () => Iterable<number>
  metrics: Metrics
  /** The broker's. */
  clock: Clock
  log: Pick<Log, 'debug'>
}

const POLL_INTERVAL_MS = 5000
const GAUGES = [
  'murmur_archive_lag_seconds',
  'murmur_archive_lag_events',
  'murmur_archive_lag_bytes',
] as const

/**
 * How far the archive is behind the log, by partition: how old the oldest message is that is not archived, and how much there is. Asked of
 * the log itself, so it grows whatever has become of who writes the archive.
 */
export class ArchiveLag extends Poller {
  readonly name = 'lag of the archive'
  readonly #deps: ArchiveLagDeps
  /** The oldest message that was not archived, when it was looked for; `undefined`: there was none. */
  readonly #oldest = new Map<number, { seq: number; storedAtMs: number } | undefined>()
  /** Since when it is not known up to where a partition is archived. Of a clock that goes forward. */
  readonly #unknownSinceMs = new Map<number, number>()

  constructor(deps: ArchiveLagDeps) {
    super(deps.clock, POLL_INTERVAL_MS)
    this.#deps = deps
    deps.metrics.onScrape(() => this.#show())
  }

  protected async poll(): Promise<void> {
    const { bus, owned, log } = this.#deps
    try {
      const partitions = [...owned()]
      for (const known of [this.#oldest, this.#unknownSinceMs])
        for (const partition of known.keys()) if (!partitions.includes(partition)) known.delete(partition)
      const created = await bus.streams.createdAt(STREAMS.log.name)
      await Promise.all(partitions.map((partition) => this.#measure(created, partition)))
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'how far the archive is behind could not be asked')
    }
  }

  async #measure(created: string, partition: number): Promise<void> {
    const { bus, history, clock } = this.#deps
    const upTo = history.archivedUpTo(created, partition)
    if (upTo === undefined) {
      if (!this.#unknownSinceMs.has(partition)) this.#unknownSinceMs.set(partition, clock.monotonicMs())
      return
    }
    this.#unknownSinceMs.delete(partition)
    const known = this.#oldest.get(partition)
    if (known && known.seq > upTo) return
    const subject = SUBJECTS.logOfPartition(partition)
    this.#oldest.set(partition, await bus.streams.placeFrom(STREAMS.log.name, upTo + 1, subject))
  }

  #show(): void {
    const { metrics, owned, history, clock } = this.#deps
    const [seconds, events, bytes] = GAUGES.map((name) => metrics.gauge(name))
    for (const gauge of [seconds, events, bytes]) gauge?.clear()
    for (const partition of owned()) {
      const label = String(partition)
      const backlog = history.backlogOf(partition)
      const unknownSinceMs = this.#unknownSinceMs.get(partition)
      const oldest = this.#oldest.get(partition)
      const ageMs =
        unknownSinceMs !== undefined
          ? clock.monotonicMs() - unknownSinceMs
          : oldest
            ? clock.nowMs() - oldest.storedAtMs
            : 0
      seconds?.labels(label).set(Math.max(0, ageMs) / 1000)
      events?.labels(label).set(backlog.events)
      bytes?.labels(label).set(backlog.bytes)
    }
  }
}
