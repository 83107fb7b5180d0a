import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import { readScript } from '#platform/redis/read-script.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { assignPartitions } from './assign-partitions.ts'
import type { PartitionOwner } from './partition-owner.ts'
import { PARTITION_KEYS } from './redis-partition-store.ts'

const MEMBERSHIP = readScript('murmurMembership', new URL('./membership.lua', import.meta.url))
const LEASE = readScript('murmurLease', new URL('./lease.lua', import.meta.url))
const MEMBERS_KEY = 'murmur:orchestrators'

const TICK_MS = 400
/** A crashed orchestrator is missed after this, and its partitions are free: five ticks. */
const TTL_MS = 2000

export interface LeaseKeeperDeps {
  redis: Redis
  instance: string
  partitions: number
  clock: Clock
  log: Log
  createOwner: (partition: number) => PartitionOwner
}

/**
 * Shares the partitions among the live orchestrators. Each tick: say that we live, see who else does, give back what is
 * not our share (after finishing the batch in hand), take what is and is free. The lease only avoids double work: what
 * makes it safe is the offset check of every commit.
 */
export class LeaseKeeper implements Component {
  readonly name = 'partition leases'
  readonly #deps: LeaseKeeperDeps
  readonly #owners = new Map<number, PartitionOwner>()
  readonly #stopping = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #nudge: (() => void) | undefined

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps
  }

  get owners(): ReadonlyMap<number, PartitionOwner> {
    return this.#owners
  }

  async start(): Promise<void> {
    await this.#tick()
    this.#loop = this.#run()
  }

  /** A lease became free: look at once. */
  nudge(): void {
    this.#nudge?.()
  }

  /** Gives everything back, so that others take over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#nudge?.()
    await this.#loop
    await Promise.all([...this.#owners.keys()].map((partition) => this.#giveBack(partition)))
    await this.#deps.redis
      .script(MEMBERSHIP, [MEMBERS_KEY], [this.#deps.instance, 0])
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
    const { redis, instance, partitions } = this.#deps
    try {
      const members = (await redis.script(MEMBERSHIP, [MEMBERS_KEY], [instance, TTL_MS])) as string[]
      const mine = assignPartitions(members, instance, partitions)
      await Promise.all(
        Array.from({ length: partitions }, (_, partition) => this.#settle(partition, mine.has(partition))),
      )
    } catch (error) {
      // Without Redis nobody else can take a lease either: go on with what we have.
      this.#trouble(error)
    }
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
