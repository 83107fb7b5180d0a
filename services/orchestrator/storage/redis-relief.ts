import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { memoryShare, parseMemories } from '#platform/redis/redis-memory.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { EndedTimes } from '../history/archive-reader.ts'
import { MEMORY_BOUND } from '../intake/memory-check.ts'
import { Poller } from '../intake/poller.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LeavingTask, LeftTasks } from './left-tasks.ts'
import { RELIEF } from './storage-marks.ts'

export interface RedisReliefDeps {
  redis: Pick<Redis, 'info'>
  store: Pick<PartitionStore, 'position' | 'oldestTasks' | 'readTasks'>
  left: Pick<LeftTasks, 'leave'>
  /** Partitions that this process owns. */
  owned: () => Iterable<number>
  /** Up to where a partition of the log that was made then is in the archive, durably; 0: nothing. */
  archivedUpTo: (streamCreated: string, partition: number) => number
  /** Whether the archive has a task that ended, whole. */
  isArchived: (task: EndedTimes) => Promise<boolean>
  /** Has the archive write within so many milliseconds what it has collected. */
  hurryArchive: (segmentMs: number) => void
  /** For tasks that don't say how long they are kept. Milliseconds. */
  keepFinishedMs: number
  metrics: Pick<Metrics, 'counter'>
  /** The broker's. */
  clock: Clock
  log: Pick<Log, 'info' | 'debug'>
  intervalMs?: number
}

const POLL_INTERVAL_MS = 1000
/** Read, and taken out, by one call: some hundred kilobytes of states. */
const BATCH = 100
/** Of each partition, before memory is looked at again. */
const PAGES_A_ROUND = 5
const ROUNDS_A_POLL = 20
/** How long segments are collected while Redis waits for them; shorter where new tasks are refused. Many small ones cost every reader. Milliseconds. */
const SEGMENT_MS = 60_000
const URGENT_SEGMENT_MS = 5000

/**
 * Makes room in Redis before new tasks are refused for want of it: finished tasks that the archive has leave it, those that were created
 * first before others; from then on they are read from the archive. Without an archive nothing leaves before its time.
 */
export class RedisRelief extends Poller {
  readonly name = 'relief of Redis'
  readonly #deps: RedisReliefDeps
  /** By partition: tasks created before were looked at. Unix milliseconds. */
  readonly #places = new Map<number, number>()
  /** Tasks were met in this round that have ended and are not archived yet. */
  #isWaiting = false

  constructor(deps: RedisReliefDeps) {
    super(deps.clock, deps.intervalMs ?? POLL_INTERVAL_MS)
    this.#deps = deps
  }

  protected async poll(): Promise<void> {
    const { log, metrics } = this.#deps
    let sum = 0
    try {
      if ((await this.#share()) < RELIEF.from) return
      for (let round = 0; round < ROUNDS_A_POLL; round++) {
        const gone = await this.#round()
        sum += gone
        const share = await this.#share()
        if (share < RELIEF.to) break
        if (gone > 0) continue
        // What has ended may leave once it is archived. What has not ended can't be hurried.
        if (this.#isWaiting) this.#deps.hurryArchive(share > MEMORY_BOUND ? URGENT_SEGMENT_MS : SEGMENT_MS)
        break
      }
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'no room could be made in Redis')
    }
    if (sum === 0) return
    metrics.counter('murmur_tasks_left_total').labels().inc(sum)
    log.info({ tasks: sum }, 'Redis is nearly full: finished tasks have left it for the archive')
  }

  /** Of the fullest server; which partitions lie on it is not known here. 0 without a limit. */
  async #share(): Promise<number> {
    const uses = parseMemories(await this.#deps.redis.info('memory'))
    return Math.max(0, ...uses.map((use) => memoryShare(use) ?? 0))
  }

  async #round(): Promise<number> {
    this.#isWaiting = false
    const gone = await Promise.all([...this.#deps.owned()].map((partition) => this.#relieve(partition)))
    return gone.reduce((sum, one) => sum + one, 0)
  }

  /** @returns how many have left */
  async #relieve(partition: number): Promise<number> {
    const { store, left, archivedUpTo, clock } = this.#deps
    const position = await store.position(partition)
    if (!position?.level || !position.log) return 0
    const upTo = archivedUpTo(position.log.stream, partition)
    let gone = 0
    for (let page = 0; page < PAGES_A_ROUND; page++) {
      const fromMs = this.#places.get(partition) ?? 0
      const found = await store.oldestTasks(partition, {
        ...{ fromMs, untilMs: Number.MAX_SAFE_INTEGER, count: BATCH },
      })
      const tasks = await store.readTasks(
        partition,
        found.map(({ id }) => id),
        // It is made again, or its key comes: then it may leave.
        () => undefined,
      )
      const nowMs = clock.nowMs()
      const leaving = await this.#leaving(tasks, upTo, nowMs)
      gone += await left.leave(partition, leaving, nowMs)
      this.#places.set(partition, nextPlace(found, fromMs))
      if (found.length < BATCH) break
    }
    return gone
  }

  async #leaving(
    tasks: readonly (TaskState | undefined)[],
    upTo: number,
    nowMs: number,
  ): Promise<LeavingTask[]> {
    const ended = tasks.flatMap((task) => {
      if (task?.finishedAtMs === undefined || !isTerminal(task.status)) return []
      if (task.seq > upTo) {
        this.#isWaiting = true
        return []
      }
      const { id, createdAtMs, finishedAtMs, keepFinishedMs = this.#deps.keepFinishedMs } = task
      const untilMs = finishedAtMs + keepFinishedMs
      return untilMs > nowMs ? [{ id, createdAtMs, finishedAtMs, untilMs }] : []
    })
    // One that began before there was an archive is not there whole, and stays until its time is over.
    const archived = await Promise.all(ended.map((task) => this.#deps.isArchived(task)))
    return ended.flatMap(({ id, untilMs }, i) => (archived[i] ? [{ id, untilMs }] : []))
  }
}

/** Behind a page; from the beginning behind the last one. More tasks of one millisecond than a page has are passed over. Pure. */
function nextPlace(found: readonly { createdAtMs: number }[], fromMs: number): number {
  const last = found.at(-1)
  if (!last || found.length < BATCH) return 0
  return last.createdAtMs > fromMs ? last.createdAtMs : fromMs + 1
}
