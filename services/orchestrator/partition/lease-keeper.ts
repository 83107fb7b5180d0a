import type { Clock } from '#platform/clock/clock.ts'
import { withTimeout } from '#platform/clock/promises.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { Check } from '#platform/telemetry/health-server.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import { assignPartitions } from './assign-partitions.ts'
import type { PartitionOwner } from './partition-owner.ts'
import { PARTITION_KEYS } from './redis-partition-store.ts'
import type { LaterState } from './stored-task.ts'

const MEMBERSHIP = readScript('murmurMembership', new URL('./membership.lua', import.meta.url))
const LEASE = readScript('murmurLease', new URL('./lease.lua', import.meta.url))
const MEMBERS_KEY = 'murmur:orchestrators'
/** Beside the members, also in a cluster. */
const REFUSALS_KEY = `murmur:refusals:{${MEMBERS_KEY}}`
/** Under names that users of Redis of the release before may write. */
const AWARE_KEY = `murmur:refusals:aware:{${MEMBERS_KEY}}`
const LEASES_KEY = `murmur:refusals:leases:{${MEMBERS_KEY}}`
const KEYS = [MEMBERS_KEY, REFUSALS_KEY, AWARE_KEY, LEASES_KEY]

const TICK_MS = 400
const KEY_FIX =
  'put it into the file of MURMUR_PAYLOAD_KEYS, or give it up there (docs/runbooks/PayloadKeyMissing.md)'
/** Faults that one readiness check names. */
const MAX_REPORTED = 5
/** A crashed orchestrator is missed after this, and its partitions are free: five ticks. */
const TTL_MS = 2000

export interface LeaseKeeperDeps {
  redis: Redis
  instance: string
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'all'> | undefined
  /** For how long it goes by what it knows of epochs, which others hear. Milliseconds. */
  epochLeaseMs?: number
  clock: Clock
  log: Log
  createOwner: (partition: number) => PartitionOwner
}

/**
 * Shares the partitions among the live orchestrators. Each tick: renew the membership, read who else is a member, give back what is
 * not our share (after finishing the batch in hand), take what is and is free. The lease only avoids double work: what
 * makes it safe is the offset check of every commit.
 */
export class LeaseKeeper implements Component {
  readonly name = 'partition leases'
  readonly #deps: LeaseKeeperDeps
  readonly #owners = new Map<number, PartitionOwner>()
  /** Partitions that go on with what only a later version knows, or need a key that is not here: not taken again before keys change. */
  readonly #refused = new Map<number, LaterState>()
  /** Partitions whose lease is being asked for. */
  readonly #settling = new Map<number, Promise<void>>()
  readonly #stopping = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #nudge: (() => void) | undefined
  #members = 1
  /** Since when every member has been of a release that can have partitions of a purged log. Monotonic ms; undefined: one is not. */
  #mayPurgeSinceMs: number | undefined
  #saidOlder = false
  #unaware: readonly string[] = []
  #longestLeaseMs = 0
  readonly #live: Pick<LivePartitions, 'all'>
  /** Of the last tick; undefined before the first that went through. */
  #share: ReadonlySet<number> | undefined

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps
    this.#live = deps.live ?? fixedPartitions(deps.partitions)
  }

  get owners(): ReadonlyMap<number, PartitionOwner> {
    return this.#owners
  }

  /** Orchestrators that lived at the last tick, this one among them. */
  get members(): number {
    return this.#members
  }

  /**
   * Every orchestrator that lives can have partitions of a log that was purged. Not right after another could: when Redis was emptied,
   * it takes a tick until all are there again.
   */
  get mayPurge(): boolean {
    const sinceMs = this.#mayPurgeSinceMs
    return sinceMs !== undefined && this.#deps.clock.monotonicMs() - sinceMs >= TTL_MS
  }

  /** Of these, those of a release that knows of no epochs. */
  get unaware(): readonly string[] {
    return this.#unaware
  }

  /** The longest time that any of them goes by what it knows of epochs. Milliseconds. */
  get longestLeaseMs(): number {
    return this.#longestLeaseMs
  }

  /** Partitions that are left to orchestrators of a later version, or with a key, and why. */
  get refused(): ReadonlyMap<number, LaterState> {
    return this.#refused
  }

  /** Whether all partitions that are this orchestrator's share are owned here and move, and none had to be left, for readiness. */
  check(): Check {
    if (!this.#share) return { ok: false, detail: 'the partitions have not been shared out yet' }
    const faults = [...this.#owners.values()].map((owner) => owner.check()).filter(({ ok }) => !ok)
    for (const partition of this.#share)
      if (!this.#owners.has(partition) && !this.#refused.has(partition))
        faults.push({ ok: false, detail: `partition ${partition} is still another's` })
    for (const [partition, { message, needsKey }] of this.#refused) {
      const detail = needsKey
        ? `partition ${partition} stands still for want of a key of payloads: ${message}; ${KEY_FIX}`
        : `partition ${partition} is left to a later version: ${message}`
      faults.push({ ok: false, detail })
    }
    if (faults.length === 0) return { ok: true, detail: `${this.#owners.size} partitions move` }
    const reported = faults.slice(0, MAX_REPORTED).map(({ detail }) => detail)
    const more = faults.length > reported.length ? [`and ${faults.length - reported.length} more`] : []
    return { ok: false, detail: [...reported, ...more].join('; ') }
  }

  /** What was left to others may be tried again: keys have come that were missing. */
  reconsider(): void {
    for (const partition of this.#refused.keys()) {
      const owner = this.#owners.get(partition)
      this.#owners.delete(partition)
      void owner?.stop()
    }
    this.#refused.clear()
    this.nudge()
  }

  async start(): Promise<void> {
    await this.#tick()
    this.#loop = this.#run()
  }

  /** A lease became free: tick at once. */
  nudge(): void {
    this.#nudge?.()
  }

  /** Gives everything back, so that others take over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#nudge?.()
    await this.#loop
    await Promise.allSettled(this.#settling.values())
    await Promise.all([...this.#owners.keys()].map((partition) => this.#giveBack(partition)))
    await this.#deps.redis
      .script(MEMBERSHIP, KEYS, [this.#deps.instance, 0, '', ''])
      .catch((error: unknown) => this.#trouble(error))
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const nudged = new AbortController()
      this.#nudge = () => nudged.abort()
      await this.#deps.clock.sleep(TICK_MS, nudged.signal)
      if (!this.#stopping.signal.aborted) await this.#tick()
    }
  }

  async #tick(): Promise<void> {
    const { redis, instance, epochLeaseMs = 0 } = this.#deps
    const partitions = this.#live.all()
    for (const [partition, { retired }] of this.#owners)
      if (retired !== undefined) this.#refused.set(partition, retired)
    try {
      const refused = [...this.#refused.keys()].join(',')
      const about = [instance, TTL_MS, refused, epochLeaseMs]
      const [members, lists, leases] = (await redis.script(MEMBERSHIP, KEYS, about)) as [
        string[],
        string[],
        string[],
      ]
      this.#members = Math.max(1, members.length)
      this.#unaware = members.filter((_, i) => leases[i] === '')
      this.#longestLeaseMs = Math.max(...leases.map(Number))
      this.#onMayPurge(this.#unaware.length === 0)
      const refusals = new Map(members.map((member, i) => [member, partitionsIn(lists[i])]))
      const mine = assignPartitions(members, instance, partitions, refusals)
      this.#share = mine
      // What is not used any more is given back as well.
      const all = [...new Set([...partitions, ...this.#owners.keys()])].map((partition) =>
        this.#settleOnce(partition, mine.has(partition)),
      )
      // A node of a cluster that is silent holds up its own partitions: those of the others are renewed in time.
      const settled = Promise.all(all).catch((error: unknown) => this.#trouble(error))
      await withTimeout(settled, TICK_MS)
    } catch (error) {
      this.#mayPurgeSinceMs = undefined
      // Without Redis nobody else can take a lease either: go on with what we have.
      this.#trouble(error)
    }
  }

  #onMayPurge(all: boolean): void {
    if (all) this.#mayPurgeSinceMs ??= this.#deps.clock.monotonicMs()
    else this.#mayPurgeSinceMs = undefined
    if (all === !this.#saidOlder) return
    this.#saidOlder = !all
    if (!all)
      this.#deps.log.warn(
        {},
        'an orchestrator of an earlier release runs, which needs all of the log: it is not purged until all are upgraded',
      )
  }

  #settleOnce(partition: number, wanted: boolean): Promise<void> {
    const open = this.#settling.get(partition)
    if (open) return open
    const settled = this.#settle(partition, wanted).finally(() => this.#settling.delete(partition))
    this.#settling.set(partition, settled)
    return settled
  }

  async #settle(partition: number, wanted: boolean): Promise<void> {
    const owned = this.#owners.has(partition)
    if (!wanted) {
      if (owned) await this.#giveBack(partition)
      return
    }
    const held = await this.#lease(partition, TTL_MS)
    if (held && !owned) {
      const owner = this.#deps.createOwner(partition)
      this.#owners.set(partition, owner)
      owner.start()
    } else if (!held && owned) {
      this.#deps.log.warn({ partition }, 'lease lost')
      await this.#end(partition)
    }
  }

  async #giveBack(partition: number): Promise<void> {
    await this.#end(partition)
    await this.#lease(partition, 0).catch((error: unknown) => this.#trouble(error))
  }

  async #end(partition: number): Promise<void> {
    const owner = this.#owners.get(partition)
    this.#owners.delete(partition)
    await owner?.stop()
  }

  async #lease(partition: number, ttlMs: number): Promise<boolean> {
    return (
      (await this.#deps.redis.script(
        LEASE,
        [PARTITION_KEYS.lease(partition)],
        [this.#deps.instance, ttlMs],
      )) === 1
    )
  }

  #trouble(error: unknown): void {
    this.#deps.log.warn({ reason: messageOf(error) }, 'leases could not be kept')
  }
}

function partitionsIn(list = ''): Set<number> {
  return new Set(list === '' ? [] : list.split(',').map(Number))
}
