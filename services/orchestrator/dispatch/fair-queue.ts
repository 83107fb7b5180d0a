import { TokenBucket } from '#platform/clock/token-bucket.ts'
import {
  type Flow,
  flowOf,
  granted,
  type KeyUse,
  laneOf,
  lanesInOrder,
  newTenant,
  type QueueEntry,
  type TenantUse,
} from './fair-flows.ts'
import { MinHeap } from './min-heap.ts'
import { NO_LIMITS, type QueueLimits, tenantLimit } from './queue-limits.ts'

export type { QueueEntry } from './fair-flows.ts'

/** An entry that is in flight, and what it was charged. To be given back when it ends. */
export interface Charge<Entry extends QueueEntry> {
  entry: Entry
  estimateMs: number
}

/** Placements that are looked at again at a time. */
const MAX_REOPENED = 256
/** Whether somebody can take what goes to this placement. */
export type IsOpen = (placement: string) => boolean
const always: IsOpen = () => true
/** Tenants and keys without work that are remembered, so that who leaves for a moment does not come back as a stranger. */
const MAX_IDLE = 10_000
/** Nothing is for nothing: a step that takes no time still has its price. Milliseconds. */
const MIN_CHARGE_MS = 1

/**
 * What waits for one agent type, in the order in which it is fair to go: between tenants by the agent time that they use (start-time
 * fair queuing), within a tenant by priority without starvation, within that by key, and first in, first out within a key.
 *
 * Each tenant has a virtual time at which its next entry begins; the lowest goes. An entry moves its tenant on by what it is expected
 * to take ÷ the tenant's weight, and the difference to what it took is settled with the next one. Who comes back after a pause begins
 * at the virtual time of now: it has saved up nothing, and owes nothing.
 *
 * Who is at a limit is taken out of the order until something of it ends or its time comes, so a choice costs O(log n) whatever waits.
 * Pure but for its memory; time comes in, of one monotonic clock.
 */
export class FairQueue<Entry extends QueueEntry> {
  readonly #tenants = new Map<string, TenantUse<Entry>>()
  readonly #ready = new MinHeap<TenantUse<Entry>>()
  /** Keys that may have more at a certain time. */
  readonly #timed = new MinHeap<{ tenant: TenantUse<Entry>; key: KeyUse<Entry> }>()
  /** Flows that nobody can take from just now, by where their entries may go. */
  readonly #closed = new Map<string, Map<Flow<Entry>, TenantUse<Entry>>>()
  #limits: QueueLimits = NO_LIMITS
  #bucket: TokenBucket | undefined
  #virtualTime = 0
  #waiting = 0
  #inFlight = 0
  #nowMs = 0

  /** Entries that wait. */
  get size(): number {
    return this.#waiting
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** One tenant and one key, as far as anybody remembers: there is only one order. */
  get isSingleFlow(): boolean {
    if (this.#tenants.size > 1) return false
    for (const { lanes } of this.#tenants.values()) {
      if (lanes.size > 1) return false
      for (const { flows } of lanes.values()) return flows.size <= 1
    }
    return true
  }

  get limits(): QueueLimits {
    return this.#limits
  }

  set limits(limits: QueueLimits) {
    const isSameRate = limits.perSecond === this.#limits.perSecond
    const isSameKeyRate = limits.keyPerSecond === this.#limits.keyPerSecond
    this.#limits = limits
    if (!isSameRate)
      this.#bucket = Number.isFinite(limits.perSecond) ? new TokenBucket(limits.perSecond) : undefined
    for (const tenant of this.#tenants.values()) {
      for (const key of tenant.keys.values()) {
        if (!isSameKeyRate) key.bucket = undefined
        this.#unblock(tenant, key)
      }
      this.#enlist(tenant)
    }
  }

  push(entry: Entry): void {
    const tenant = this.#tenant(entry.tenant)
    const flow = flowOf(tenant, entry)
    flow.entries.push(entry)
    tenant.waiting++
    this.#waiting++
    if (!flow.key.blocked.has(flow)) this.#enlistFlow(tenant, flow)
    this.#enlist(tenant)
  }

  /**
   * The next one that may go, which is in flight from now on.
   * @param estimateMs what it is expected to take
   * @param isOpen whether somebody can take what may go there only; flows of which nobody can are passed over until `reopen`
   */
  take(nowMs: number, estimateMs: number, isOpen: IsOpen = always): Charge<Entry> | undefined {
    this.#nowMs = nowMs
    this.#wake(nowMs)
    if (this.#waiting === 0 || this.#isHeld(nowMs)) return undefined
    for (let tenant = this.#ready.pop(); tenant; tenant = this.#ready.pop()) {
      tenant.isQueued = false
      if (tenant.inFlight >= tenantLimit(this.#limits, tenant.name)) continue
      const flow = this.#nextFlow(tenant, nowMs, isOpen)
      if (!flow) continue
      const charge = this.#start(tenant, flow, estimateMs)
      this.#bucket?.take(nowMs)
      this.#enlist(tenant)
      return charge
    }
    return undefined
  }

  /**
   * Looks again at flows that nobody could take from: of so many placements at a time, in turn.
   * @param isGone those that nobody wants any more, which are dropped where they stand first
   */
  reopen(isOpen: IsOpen, isGone: (entry: Entry) => boolean): void {
    for (const [placement, flows] of [...this.#closed].slice(0, MAX_REOPENED)) {
      this.#closed.delete(placement)
      const isOpenNow = isOpen(placement)
      for (const [flow, tenant] of flows) {
        while (flow.entries.length > 0 && isGone(flow.entries.peek()!)) {
          flow.entries.shift()
          tenant.waiting--
          this.#waiting--
        }
        if (flow.entries.length === 0 || isOpenNow) {
          flows.delete(flow)
          this.#enlistFlow(tenant, flow)
          this.#enlist(tenant)
          if (flow.entries.length === 0) this.#forgetIdle(tenant, flow)
        }
      }
      // Behind the others.
      if (flows.size > 0) this.#closed.set(placement, flows)
    }
  }

  /**
   * It has ended, one way or the other. @param usedMs the agent time that it took; undefined: it never ran, and costs nothing
   */
  end({ entry, estimateMs }: Charge<Entry>, usedMs: number | undefined): void {
    const tenant = this.#tenant(entry.tenant)
    const flow = flowOf(tenant, entry)
    const difference = (usedMs === undefined ? 0 : Math.max(MIN_CHARGE_MS, usedMs)) - estimateMs
    this.#inFlight--
    tenant.inFlight--
    flow.key.inFlight--
    flow.debtMs += difference
    tenant.debtMs += difference
    this.#unblock(tenant, flow.key)
    this.#enlist(tenant)
    this.#forgetIdle(tenant, flow)
  }

  /** When something may go that only a rate holds back; undefined when there is no such thing. */
  readyAtMs(nowMs: number): number | undefined {
    if (this.#waiting === 0) return undefined
    const own = this.#bucket?.readyAtMs(nowMs)
    if (this.#ready.size > 0) return own
    const key = this.#timed.lowest
    return key === undefined ? undefined : Math.max(key, own ?? key)
  }

  /** Of the whole type. */
  #isHeld(nowMs: number): boolean {
    const { paused, concurrency } = this.#limits
    return paused || this.#inFlight >= concurrency || (this.#bucket?.readyAtMs(nowMs) ?? nowMs) > nowMs
  }

  #nextFlow(tenant: TenantUse<Entry>, nowMs: number, isOpen: IsOpen): Flow<Entry> | undefined {
    for (const [, lane] of lanesInOrder(tenant)) {
      for (let flow = lane.ready.pop(); flow; flow = lane.ready.pop()) {
        flow.isQueued = false
        if (flow.placement !== '' && !isOpen(flow.placement)) {
          const closed = this.#closed.get(flow.placement) ?? new Map()
          this.#closed.set(flow.placement, closed.set(flow, tenant))
          continue
        }
        if (this.#mayKey(tenant, flow.key, nowMs)) return flow
        flow.key.blocked.add(flow)
      }
    }
    return undefined
  }

  /** Whether the key is below its limits; where only time is wanting, it is woken then. */
  #mayKey(tenant: TenantUse<Entry>, key: KeyUse<Entry>, nowMs: number): boolean {
    const { keyConcurrency, keyPerSecond } = this.#limits
    if (key.name === '') return true
    if (key.inFlight >= keyConcurrency) return false
    if (!Number.isFinite(keyPerSecond)) return true
    key.bucket ??= new TokenBucket(keyPerSecond)
    const readyAtMs = key.bucket.readyAtMs(nowMs)
    if (readyAtMs <= nowMs) return key.bucket.take(nowMs)
    this.#timed.push({ tenant, key }, readyAtMs)
    return false
  }

  #start(tenant: TenantUse<Entry>, flow: Flow<Entry>, estimateMs: number): Charge<Entry> {
    const entry = flow.entries.shift()!
    const lane = laneOf(tenant, flow.priority)
    const weight = this.#limits.weights.get(tenant.name) ?? 1
    this.#virtualTime = Math.max(this.#virtualTime, tenant.startAt)
    lane.virtualTime = Math.max(lane.virtualTime, flow.startAt)
    // Somebody who was charged too much has a claim; but time goes forward.
    tenant.startAt += Math.max(0, estimateMs + tenant.debtMs) / weight
    tenant.debtMs = Math.min(0, estimateMs + tenant.debtMs)
    flow.startAt += Math.max(0, estimateMs + flow.debtMs)
    flow.debtMs = Math.min(0, estimateMs + flow.debtMs)
    granted(tenant, flow.priority)
    tenant.waiting--
    tenant.inFlight++
    flow.key.inFlight++
    this.#waiting--
    this.#inFlight++
    this.#enlistFlow(tenant, flow)
    return { entry, estimateMs }
  }

  #enlistFlow(tenant: TenantUse<Entry>, flow: Flow<Entry>): void {
    if (flow.isQueued || flow.entries.length === 0) return
    const lane = laneOf(tenant, flow.priority)
    flow.startAt = Math.max(flow.startAt, lane.virtualTime)
    flow.isQueued = true
    lane.ready.push(flow, flow.startAt)
  }

  #enlist(tenant: TenantUse<Entry>): void {
    if (tenant.isQueued || tenant.waiting === 0) return
    if (tenant.inFlight >= tenantLimit(this.#limits, tenant.name)) return
    let hasReady = false
    for (const { ready } of tenant.lanes.values()) hasReady ||= ready.size > 0
    if (!hasReady) return
    tenant.startAt = Math.max(tenant.startAt, this.#virtualTime)
    tenant.isQueued = true
    this.#ready.push(tenant, tenant.startAt)
  }

  #unblock(tenant: TenantUse<Entry>, key: KeyUse<Entry>): void {
    for (const flow of key.blocked) this.#enlistFlow(tenant, flow)
    key.blocked.clear()
  }

  #wake(nowMs: number): void {
    while ((this.#timed.lowest ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const { tenant, key } = this.#timed.pop()!
      this.#unblock(tenant, key)
      this.#enlist(tenant)
    }
  }

  #tenant(name: string): TenantUse<Entry> {
    let tenant = this.#tenants.get(name)
    if (!tenant) {
      tenant = newTenant(name, this.#virtualTime)
      this.#tenants.set(name, tenant)
    }
    return tenant
  }

  /**
   * A key or a tenant that has nothing any more and is not ahead of the others is as good as a new one. Of those that are ahead so
   * many are remembered; one more, and the one that has just ended is forgiven.
   */
  #forgetIdle(tenant: TenantUse<Entry>, flow: Flow<Entry>): void {
    const lane = laneOf(tenant, flow.priority)
    const { key } = flow
    if (flow.entries.length === 0 && key.inFlight === 0) {
      const isEven =
        flow.startAt + flow.debtMs <= lane.virtualTime && (key.bucket?.isFull(this.#nowMs) ?? true)
      if (isEven || lane.flows.size > MAX_IDLE) lane.flows.delete(flow.name)
      if (!isUsed(tenant, key)) tenant.keys.delete(key.name)
    }
    if (tenant.waiting > 0 || tenant.inFlight > 0) return
    const isEven = tenant.startAt + tenant.debtMs <= this.#virtualTime && tenant.keys.size === 0
    if (isEven || this.#tenants.size > MAX_IDLE) this.#tenants.delete(tenant.name)
  }
}

/** Most have one flow a key, whose name is that of the key: it is found at once. */
function isUsed<Entry>(tenant: TenantUse<Entry>, key: KeyUse<Entry>): boolean {
  for (const { flows } of tenant.lanes.values()) {
    if (flows.has(key.name)) return true
    for (const name of flows.keys()) if (name.startsWith(`${key.name}\n`)) return true
  }
  return false
}
