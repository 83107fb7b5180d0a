import type { Clock } from '#platform/clock/clock.ts'
import { withTimeout } from '#platform/clock/promises.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { readObjectMeta } from '#platform/nats/object-bucket.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { ownerOfKey } from '#workflow/decide/object-references.ts'
import { assertLevel } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import { type LedgerPhase, type ObjectLedger, targetOf } from './ledger/object-ledger.ts'
import type { ObjectKeeping } from './object-keeping.ts'

export interface ObjectCountDeps {
  bus: Pick<Bus, 'consumers' | 'streams'>
  ledger: ObjectLedger
  keeping: Pick<ObjectKeeping, 'keepAgain'>
  store: Pick<PartitionStore, 'readTasks' | 'position' | 'newestTasks'>
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'withTasks'> | undefined
  tenantOf: (taskId: string) => Promise<string | undefined>
  uploadTtlMs: number
  /** The broker's. */
  clock: Clock
  log: Log
}

/** Objects that are noted at the same time: a Redis call each. */
const AT_ONCE = 500
const TASKS_A_PAGE = 200
const POLL_INTERVAL_MS = 20
/** Without a single object more for so long, the store does not answer. */
const STALLED_MS = 5000
/** What nobody has asked about is looked at soon: its task may be gone. */
const FIRST_LOOK_MS = 60_000
/** How long a request waits for it. */
const WAIT_MS = 3000
const RETRY_MS = 1000
/** Objects of tasks that nobody knows any more are nobody's, and go soon. */
const NOBODY = '_'

/**
 * Fills the ledger of objects from what there is, where it is empty or of another store: after an emptied Redis, an emptied NATS, at the
 * first start. First the bytes, from the store; then which tasks refer to what, from the tasks, once all partitions are level. Until
 * then no upload is taken, and until the second nothing is taken away. Several may do it at the same time: twice is as good as once.
 */
export class ObjectCount {
  readonly #deps: ObjectCountDeps
  #running: Promise<void> | undefined

  constructor(deps: ObjectCountDeps) {
    this.#deps = deps
  }

  /** Resolves when the ledger is so far. @throws MurmurError UNAVAILABLE when it takes longer than a few seconds */
  async ensure(name: 'counted' | 'complete'): Promise<void> {
    if (await this.#isAt(name)) return
    this.#running ??= this.#advance().finally(() => {
      this.#running = undefined
    })
    const running = this.#running
    // It goes on, whoever waits.
    running.catch(() => {})
    const { clock } = this.#deps
    const untilMs = clock.monotonicMs() + WAIT_MS
    while (this.#running === running && clock.monotonicMs() < untilMs) {
      await withTimeout(running, POLL_INTERVAL_MS)
      if (await this.#isAt(name)) return
    }
    if (this.#running !== running) await running
    if (await this.#isAt(name)) return
    throw new MurmurError('UNAVAILABLE', 'what there is in the object store is being counted', {
      retryAfterMs: RETRY_MS,
    })
  }

  /**
   * After a fail-over of Redis, or a restart, the last notes of what tasks keep may be missing: nothing is taken away until they are
   * made again from the tasks. Objects of which the note is missing are noted when a task refers to them.
   * @throws MurmurError UNAVAILABLE
   */
  async lookOver(): Promise<void> {
    const { ledger, log } = this.#deps
    const another = await ledger.server.another()
    if (!another) return
    if (!another.isFirst) {
      const phase = await ledger.phase()
      log.info({}, 'another Redis answers: what tasks keep of the object store is noted again')
      if (phase?.name === 'complete') await ledger.setPhase(phase, { ...phase, name: 'counted' })
      await this.ensure('complete')
    }
    await ledger.server.note(another.id)
  }

  async #isAt(name: 'counted' | 'complete'): Promise<boolean> {
    const { bus, ledger } = this.#deps
    const [phase, bucket] = await Promise.all([ledger.phase(), bus.streams.createdAt(BUCKET.stream)])
    if (!phase || phase.bucket !== bucket || phase.name === 'counting') return false
    return name === 'counted' || phase.name === 'complete'
  }

  async #advance(): Promise<void> {
    const { bus, ledger, log } = this.#deps
    const bucket = await bus.streams.createdAt(BUCKET.stream)
    let phase = await ledger.phase()
    const next = async (name: LedgerPhase['name'], options = {}) => {
      const to = { name, bucket }
      phase = (await ledger.setPhase(phase, to, options)) ? to : await ledger.phase()
    }
    if (!phase || phase.bucket !== bucket) {
      log.info({}, 'what there is in the object store is counted')
      await next('counting', { forget: phase !== undefined })
    }
    if (phase?.name === 'counting') {
      await this.#countStore()
      await next('counted')
    }
    if (phase?.name === 'counted') {
      await this.#noteReferences()
      await next('complete')
    }
  }

  async #countStore(): Promise<void> {
    const { bus, clock } = this.#deps
    const { stream, metaAll } = BUCKET
    const lastSeq = () => bus.streams.lastSeq(stream, metaAll)
    if ((await lastSeq()) === 0) return
    const open = new Set<Promise<void>>()
    let seq = 0
    let fault: unknown
    const reader = bus.consumers.followLog({
      stream,
      filterSubject: metaAll,
      fromSeq: 1,
      room: () => AT_ONCE - open.size,
      onMessage: (message) => {
        seq = message.seq
        const noted = this.#note(message.data)
          .catch((error: unknown) => {
            fault ??= error
          })
          .finally(() => {
            open.delete(noted)
            reader.more()
          })
        open.add(noted)
      },
    })
    try {
      let stalledMs = clock.monotonicMs() + STALLED_MS
      let before = 0
      // Asked again: the last one may be taken away meanwhile.
      while (seq < (await lastSeq()) && fault === undefined) {
        if (seq > before) stalledMs = clock.monotonicMs() + STALLED_MS
        before = seq
        if (clock.monotonicMs() > stalledMs)
          throw new MurmurError('UNAVAILABLE', 'the object store does not tell what there is')
        await clock.sleep(POLL_INTERVAL_MS)
      }
    } finally {
      await reader.stop()
      await Promise.all(open)
    }
    if (fault !== undefined) throw fault
  }

  async #note(data: Uint8Array): Promise<void> {
    const meta = readObjectMeta(data)
    if (!meta) return
    const { ledger, uploadTtlMs, clock } = this.#deps
    const { name: key, size } = meta
    const tenant = meta.metadata?.tenant ?? (await this.#tenantOf(key))
    const dueMs = clock.nowMs() + (targetOf(key).startsWith('t:') ? FIRST_LOOK_MS : uploadTtlMs)
    await ledger.record({ key, tenant, size }, dueMs)
  }

  async #tenantOf(key: string): Promise<string> {
    const owner = ownerOfKey(key)
    if (owner === undefined) return NOBODY
    if ('tenant' in owner) return owner.tenant
    return (await this.#deps.tenantOf(owner.taskId)) ?? NOBODY
  }

  /** From the tasks that there are; those that are accepted meanwhile note theirs themselves. @throws MurmurError UNAVAILABLE */
  async #noteReferences(): Promise<void> {
    const { store, partitions, live = fixedPartitions(partitions), log } = this.#deps
    const all = live.withTasks()
    await Promise.all(all.map((partition) => assertLevel(store, partition)))
    for (const partition of all) {
      try {
        await this.#noteReferencesOf(partition)
      } catch (error) {
        log.warn({ partition, reason: messageOf(error) }, 'to what tasks refer could not be read')
        throw error
      }
    }
  }

  async #noteReferencesOf(partition: number): Promise<void> {
    const { store, keeping, clock } = this.#deps
    const untilMs = Math.ceil(clock.nowMs())
    for (let start = 0; ; start += TASKS_A_PAGE) {
      const page = await store.newestTasks(partition, { untilMs, start, count: TASKS_A_PAGE })
      const tasks = await store.readTasks(
        partition,
        page.map(({ id }) => id),
      )
      await Promise.all(tasks.filter((task) => task !== undefined).map((task) => keeping.keepAgain(task)))
      if (page.length < TASKS_A_PAGE) return
    }
  }
}
