import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus, CorePublishing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { memoryShare, parseMemories } from '#platform/redis/redis-memory.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { StorageChange, StorageLevel, StorageMark } from '#schemas/storage.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { fillOf } from '../intake/capacity-check.ts'
import { Poller } from '../intake/poller.ts'
import { markOf, STORAGE_MARKS, type StorageResource, WATCHED_STREAMS } from './storage-marks.ts'

export interface StorageWatchDeps {
  bus: { streams: Pick<Bus['streams'], 'fill'>; survey: Pick<Bus['survey'], 'account'> } & CorePublishing
  redis: Pick<Redis, 'info'>
  /** Undefined: nothing is archived. */
  archive: Pick<FileStore, 'room'> | undefined
  /** Whether this orchestrator tells what has changed: one of all does. */
  isReporter: () => boolean
  metrics: Metrics
  /** The broker's. */
  clock: Clock
  log: Log
  intervalMs?: number
}

interface Sample {
  usedBytes: number
  limitBytes: number
  share: number
}

const POLL_INTERVAL_MS = 2000

/**
 * How full everything is that can be full, and above which mark: one list, for status, doctor and metrics, and an event for each mark that
 * is crossed. Every orchestrator looks for itself, some fifteen requests every two seconds, so that any of them can be asked; what does not
 * answer stays as it was known last.
 */
export class StorageWatch extends Poller {
  readonly name = 'storage watch'
  readonly #deps: StorageWatchDeps
  readonly #levels = new Map<StorageResource, StorageLevel>()

  constructor(deps: StorageWatchDeps) {
    super(deps.clock, deps.intervalMs ?? POLL_INTERVAL_MS)
    this.#deps = deps
  }

  /** What is known, the fullest first. What has no limit comes last. */
  levels(): StorageLevel[] {
    return [...this.#levels.values()].toSorted((a, b) => b.mark - a.mark || b.share - a.share)
  }

  levelOf(resource: StorageResource): StorageLevel | undefined {
    return this.#levels.get(resource)
  }

  protected async poll(): Promise<void> {
    const { bus, redis, archive } = this.#deps
    const streams = WATCHED_STREAMS.map((name): [StorageResource, () => Promise<Sample>] => [
      name,
      async () => sampleOf(await bus.streams.fill(STREAMS[name].name)),
    ])
    const all: [StorageResource, () => Promise<Sample | undefined>][] = [
      ...streams,
      ['objects', async () => sampleOf(await bus.streams.fill(BUCKET.stream))],
      ['jetstream', async () => this.#account()],
      ['redis', async () => fullestOf(await redis.info('memory'))],
      ['archive', async () => diskOf(await archive?.room())],
    ]
    await Promise.all(all.map(([resource, ask]) => this.#measure(resource, ask)))
  }

  async #account(): Promise<Sample> {
    const { storageBytes, limitBytes = 0 } = await this.#deps.bus.survey.account()
    return ratio(storageBytes, limitBytes)
  }

  async #measure(resource: StorageResource, ask: () => Promise<Sample | undefined>): Promise<void> {
    const { log } = this.#deps
    try {
      const sample = await ask()
      if (sample) this.#observe(resource, sample)
      else this.#levels.delete(resource)
    } catch (error) {
      log.debug({ resource, reason: messageOf(error) }, 'how full a store is could not be read')
    }
  }

  #observe(resource: StorageResource, sample: Sample): void {
    const { metrics, clock } = this.#deps
    const known = this.#levels.get(resource)
    const { marks, refuses } = STORAGE_MARKS[resource]
    const before = known?.mark as StorageMark | undefined
    const mark = markOf(sample.share, STORAGE_MARKS[resource], before)
    const sinceMs = known && known.mark === mark ? known.sinceMs : clock.nowMs()
    const level = { resource, ...sample, mark, marks: [...marks], sinceMs, refuses }
    this.#levels.set(resource, level)
    metrics.gauge('murmur_storage_fill_ratio').labels(resource).set(sample.share)
    metrics.gauge('murmur_storage_mark').labels(resource).set(mark)
    // What was so when this process began was told by another one.
    if (before !== undefined && before !== mark) this.#tell(level, before)
  }

  #tell({ resource, mark, share, usedBytes, limitBytes, sinceMs }: StorageLevel, before: StorageMark): void {
    const { bus, isReporter, log } = this.#deps
    if (!isReporter()) return
    const about = { resource, mark, before, share, usedBytes, limitBytes }
    if (mark > before) log.warn(about, 'a store is fuller than one of its marks')
    else log.info(about, 'a store has room again')
    const change: StorageChange = { v: 1, atMs: sinceMs, ...about }
    bus.publishCore(SUBJECTS.storage(resource), JSON.stringify(change))
  }
}

function ratio(usedBytes: number, limitBytes: number): Sample {
  return { usedBytes, limitBytes, share: limitBytes > 0 ? usedBytes / limitBytes : 0 }
}

function sampleOf(fill: Parameters<typeof fillOf>[0]): Sample {
  return { usedBytes: fill.bytes, limitBytes: Math.max(0, fill.maxBytes), share: fillOf(fill) }
}

function fullestOf(infos: readonly string[]): Sample | undefined {
  const [fullest] = parseMemories(infos).toSorted(
    (a, b) => (memoryShare(b) ?? 0) - (memoryShare(a) ?? 0) || b.usedBytes - a.usedBytes,
  )
  return fullest && ratio(fullest.usedBytes, fullest.maxBytes)
}

function diskOf(room: Awaited<ReturnType<FileStore['room']>>): Sample | undefined {
  return room && ratio(room.totalBytes - room.freeBytes, room.totalBytes)
}
