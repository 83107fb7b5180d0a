import type { TokenBucket } from '#platform/clock/token-bucket.ts'
import { MinHeap } from './min-heap.ts'

/** What waits, by whom it is fair to. */
export interface QueueEntry {
  tenant: string
  /** What the user has named it by, within the tenant: fairness, limits of a key. Empty: none. */
  key: string
  /** 0 is the most urgent. */
  priority: number
  /** Names which instances may have it, where not any may: one that finds nobody must not hold up what others could take. */
  placement?: string | undefined
}

/** Entries of one tenant, priority, key and placement, in the order in which they came. */
export interface Flow<Entry> {
  /** In its lane. */
  readonly name: string
  readonly placement: string
  readonly key: KeyUse<Entry>
  readonly priority: number
  readonly entries: EntryFifo<Entry>
  /** Virtual time at which its next entry begins. */
  startAt: number
  /** What ended steps used beyond what was charged, until the next charge. Agent milliseconds. */
  debtMs: number
  /** It stands in the heap of its lane. */
  isQueued: boolean
}

/** What one key of a tenant uses, in all priorities. */
export interface KeyUse<Entry> {
  readonly name: string
  inFlight: number
  bucket: TokenBucket | undefined
  /** Flows that wait until the key may have more. */
  readonly blocked: Set<Flow<Entry>>
}

/** All that is known of one tenant. */
export interface TenantUse<Entry> {
  readonly name: string
  inFlight: number
  waiting: number
  startAt: number
  debtMs: number
  isQueued: boolean
  readonly lanes: Map<number, Lane<Entry>>
  readonly keys: Map<string, KeyUse<Entry>>
}

/** The flows of one priority of a tenant. */
export interface Lane<Entry> {
  readonly flows: Map<string, Flow<Entry>>
  readonly ready: MinHeap<Flow<Entry>>
  virtualTime: number
  /** Grants to other lanes while this one had work. */
  waited: number
}

export function newTenant<Entry>(name: string, startAt: number): TenantUse<Entry> {
  return {
    name,
    inFlight: 0,
    waiting: 0,
    startAt,
    debtMs: 0,
    isQueued: false,
    lanes: new Map(),
    keys: new Map(),
  }
}

export function laneOf<Entry>(tenant: TenantUse<Entry>, priority: number): Lane<Entry> {
  let lane = tenant.lanes.get(priority)
  if (!lane) {
    lane = { flows: new Map(), ready: new MinHeap(), virtualTime: 0, waited: 0 }
    tenant.lanes.set(priority, lane)
  }
  return lane
}

export function flowOf<Entry>(tenant: TenantUse<Entry>, entry: QueueEntry): Flow<Entry> {
  const { key: keyName, priority, placement = '' } = entry
  const lane = laneOf(tenant, priority)
  const name = placement === '' ? keyName : `${keyName}\n${placement}`
  const known = lane.flows.get(name)
  if (known) return known
  let key = tenant.keys.get(keyName)
  if (!key) {
    key = { name: keyName, inFlight: 0, bucket: undefined, blocked: new Set() }
    tenant.keys.set(keyName, key)
  }
  const flow: Flow<Entry> = {
    name,
    placement,
    key,
    priority,
    entries: new EntryFifo(),
    startAt: lane.virtualTime,
    debtMs: 0,
    isQueued: false,
  }
  lane.flows.set(name, flow)
  return flow
}

/** Of so many grants to lanes with work, each less urgent one has one. */
const GRANTS_A_SHARE = 18

/** Lanes in the order in which they are to be tried: those that are owed a turn, then by urgency. */
export function lanesInOrder<Entry>(tenant: TenantUse<Entry>): [number, Lane<Entry>][] {
  const lanes = [...tenant.lanes].filter(([, lane]) => lane.ready.size > 0)
  if (lanes.length < 2) return lanes
  const isOwed = (lane: Lane<Entry>) => Number(lane.waited >= GRANTS_A_SHARE - 1)
  return lanes.sort((a, b) => isOwed(b[1]) - isOwed(a[1]) || a[0] - b[0])
}

export function granted<Entry>(tenant: TenantUse<Entry>, priority: number): void {
  if (tenant.lanes.size < 2) return
  for (const [other, lane] of tenant.lanes) {
    if (other === priority || lane.ready.size === 0) lane.waited = 0
    else lane.waited++
  }
}

/** First in, first out, without moving what is behind. */
export class EntryFifo<Entry> {
  #entries: (Entry | undefined)[] = []
  #first = 0

  get length(): number {
    return this.#entries.length - this.#first
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  peek(): Entry | undefined {
    return this.#entries[this.#first]
  }

  shift(): Entry | undefined {
    const entry = this.#entries[this.#first]
    if (this.#first === this.#entries.length) return undefined
    this.#entries[this.#first++] = undefined
    // Half of it is gone: the rest moves down, which every entry pays for once.
    if (this.#first > 32 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
    return entry
  }
}
