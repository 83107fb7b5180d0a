import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { Poller } from '../intake/poller.ts'
import { type ObjectLedger, type OpenUpload, type Target, targetOf } from './ledger/object-ledger.ts'
import type { ObjectCount } from './object-count.ts'
import { ifNotFound } from './object-keeping.ts'
import type { Lifetime, TaskLifetimes } from './task-lifetimes.ts'

export interface ObjectSweepDeps {
  ledger: ObjectLedger
  count: Pick<ObjectCount, 'ensure' | 'lookOver'>
  tasks: Pick<TaskLifetimes, 'of'>
  blobs: Pick<BlobStore, 'find' | 'remove' | 'removePieces'>
  /** Whether this orchestrator is the one that sweeps. Two at the same time do no harm. */
  isSweeper: () => boolean
  metrics: Metrics
  /** The broker's. */
  clock: Clock
  log: Log
  intervalMs?: number
  keeperGraceMs?: number
}

const POLL_INTERVAL_MS = 5000
/** Targets that one look at what is due takes; with more, the next one follows at once. */
const TARGETS_AT_ONCE = 500
const OBJECTS_AT_ONCE = 16
/** Objects of one task that are taken away in one go. */
const CLAIMED_AT_ONCE = 200
const KEEPERS_AT_ONCE = 200
/** A task that is about to be accepted keeps what it refers to before it is in any store: behind a log of minutes, too. */
export const KEEPER_GRACE_MS = 900_000
const MIN_PUT_OFF_MS = 1000
/** A task that lives for weeks costs a look an hour. */
const MAX_PUT_OFF_MS = 3_600_000
const UNKNOWN_PUT_OFF_MS = 30_000
/** Whoever took an object out of the count and has not said since that it is gone has ended. */
const GOING_MS = 60_000

/**
 * Takes away what nobody needs: uploads that have expired and objects of tasks that are no longer kept, unless a task that is there
 * refers to them; and what writers have left behind that ended in the middle. One orchestrator does it; what it was at when it ended
 * stands in the ledger, and another goes on. With nothing due it costs four questions to Redis.
 */
export class ObjectSweep extends Poller {
  readonly name = 'sweep of objects'
  readonly #deps: ObjectSweepDeps

  constructor(deps: ObjectSweepDeps) {
    super(deps.clock, deps.intervalMs ?? POLL_INTERVAL_MS)
    this.#deps = deps
  }

  protected async poll(): Promise<void> {
    const { isSweeper, log } = this.#deps
    if (!isSweeper()) return
    try {
      while ((await this.sweep()) && isSweeper());
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'what is due in the object store could not be taken away')
    }
  }

  /** One round. @returns whether more is due at once @throws MurmurError UNAVAILABLE */
  async sweep(): Promise<boolean> {
    const { ledger, count, clock } = this.#deps
    await count.ensure('complete')
    await count.lookOver()
    const nowMs = clock.nowMs()
    const [due, stale, going] = await Promise.all([
      ledger.due(nowMs, TARGETS_AT_ONCE),
      ledger.stale(nowMs, TARGETS_AT_ONCE),
      ledger.going(),
    ])
    const left = [...going].filter(([, atMs]) => atMs < nowMs - GOING_MS).map(([key]) => key)
    await inTurns(left, (key) => this.#takeAway([key], 'left'))
    await inTurns(stale, (upload) => this.#settleStale(upload, nowMs))
    const ofTasks = due.filter((target) => target.startsWith('t:')).map((target) => target.slice(2))
    const lifetimes = await this.#deps.tasks.of(ofTasks)
    await inTurns(due, (target) => this.#visit(target, lifetimes.get(target.slice(2)), nowMs))
    return due.length === TARGETS_AT_ONCE || stale.length === TARGETS_AT_ONCE
  }

  /** @param own until when the task is there whose objects these are; undefined: it is an upload */
  async #visit(target: Target, own: Lifetime | undefined, nowMs: number): Promise<void> {
    const { ledger } = this.#deps
    const until = own === undefined || own === 'gone' ? await this.#keptUntil(target, nowMs) : own
    if (until !== 'gone') {
      await ledger.reschedule(target, nowMs + putOff(until, nowMs))
      return
    }
    for (;;) {
      const keys = await ledger.claim(target, { nowMs, count: CLAIMED_AT_ONCE })
      if (keys === undefined || keys.length === 0) return
      await this.#takeAway(keys, own === undefined ? 'expired' : 'retention')
      if (keys.length < CLAIMED_AT_ONCE) return
    }
  }

  /** Until when tasks keep it; those that are gone are forgotten. */
  async #keptUntil(target: Target, nowMs: number): Promise<Lifetime> {
    const { ledger, tasks, keeperGraceMs = KEEPER_GRACE_MS } = this.#deps
    for (;;) {
      const keepers = await ledger.keepers(target, KEEPERS_AT_ONCE)
      if (keepers.length === 0) return 'gone'
      const lifetimes = await tasks.of(keepers.map(([id]) => id))
      const gone: string[] = []
      let until: Lifetime = 'gone'
      for (const [id, sinceMs] of keepers) {
        const lifetime = lifetimes.get(id) ?? 'unknown'
        if (typeof lifetime === 'number')
          until = typeof until === 'number' ? Math.max(until, lifetime) : lifetime
        else if (lifetime === 'unknown') until = typeof until === 'number' ? until : 'unknown'
        else if (sinceMs > nowMs - keeperGraceMs)
          until = typeof until === 'number' ? until : sinceMs + keeperGraceMs
        // What its own parent needs of it may be this.
        else if ((await ledger.keepers(`t:${id}`, 1)).length > 0)
          until = typeof until === 'number' ? until : 'unknown'
        else gone.push(id)
      }
      await ledger.dropKeepers(target, gone)
      if (gone.length < keepers.length) return until
    }
  }

  /** Whoever wrote it has ended: what became an object is one, the rest goes. */
  async #settleStale({ upload, key, tenant }: OpenUpload, nowMs: number): Promise<void> {
    const { ledger, blobs } = this.#deps
    const meta = key === '' ? undefined : await blobs.find(key).catch(ifNotFound)
    if (meta) {
      const dueMs = nowMs + (targetOf(key).startsWith('t:') ? MIN_PUT_OFF_MS : 0)
      await ledger.record({ key, tenant, size: meta.size }, dueMs, { upload })
    } else if (await ledger.release(upload, nowMs)) await blobs.removePieces(upload)
  }

  async #takeAway(keys: string[], why: 'expired' | 'retention' | 'left'): Promise<void> {
    const { ledger, blobs, metrics } = this.#deps
    await inTurns(keys, (key) => blobs.remove({ blob: key }))
    await ledger.settle(keys)
    metrics.counter('murmur_objects_collected_total').labels(why).inc(keys.length)
  }
}

function putOff(until: Lifetime, nowMs: number): number {
  if (typeof until !== 'number') return UNKNOWN_PUT_OFF_MS
  return Math.min(MAX_PUT_OFF_MS, Math.max(MIN_PUT_OFF_MS, until - nowMs))
}

/** Some at the same time. @throws what the first of them throws, once none is under way any more */
async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const open = [...items].reverse()
  const one = async () => {
    for (let item = open.pop(); item !== undefined; item = open.pop()) await work(item)
  }
  const done = await Promise.allSettled(Array.from({ length: OBJECTS_AT_ONCE }, one))
  for (const each of done) if (each.status === 'rejected') throw each.reason
}
