/** What may run of one agent type at the same time and a second, and whose share is how large. */
export interface QueueLimits {
  /** Nothing goes, everything waits. */
  paused: boolean
  /** Steps in flight of the type. */
  concurrency: number
  /** Steps in flight of one tenant. */
  tenantConcurrency: number
  /** Of particular tenants instead. */
  concurrencyOf: ReadonlyMap<string, number>
  /** Steps in flight of one key of a tenant. */
  keyConcurrency: number
  /** Steps a second of the type. */
  perSecond: number
  /** Steps a second of one key of a tenant. */
  keyPerSecond: number
  /** Agent time of a tenant in relation to others; 1 unless given. */
  weights: ReadonlyMap<string, number>
  pausedTenants: ReadonlySet<string>
}

const NONE = Number.POSITIVE_INFINITY

export const NO_LIMITS: QueueLimits = {
  paused: false,
  concurrency: NONE,
  tenantConcurrency: NONE,
  concurrencyOf: new Map(),
  keyConcurrency: NONE,
  perSecond: NONE,
  keyPerSecond: NONE,
  weights: new Map(),
  pausedTenants: new Set(),
}

/** How many steps of a tenant may be in flight. */
export function tenantLimit(limits: QueueLimits, tenant: string): number {
  if (limits.pausedTenants.has(tenant)) return 0
  return limits.concurrencyOf.get(tenant) ?? limits.tenantConcurrency
}

/** Of a limit of all orchestrators together the part of one of so many. At least one, or its tasks would never go on. */
export function shareOfLimits(limits: QueueLimits, orchestrators: number): QueueLimits {
  if (orchestrators <= 1) return limits
  const share = (limit: number) =>
    limit === NONE || limit === 0 ? limit : Math.max(1, Math.floor(limit / orchestrators))
  return {
    ...limits,
    concurrency: share(limits.concurrency),
    tenantConcurrency: share(limits.tenantConcurrency),
    concurrencyOf: new Map([...limits.concurrencyOf].map(([tenant, limit]) => [tenant, share(limit)])),
    keyConcurrency: share(limits.keyConcurrency),
    perSecond: limits.perSecond / orchestrators,
    keyPerSecond: limits.keyPerSecond / orchestrators,
  }
}

/** Of the slots of an agent type the part that one tenant leaves to others: an eighth, and one at least. */
const RESERVED_SHARE = 1 / 8

/**
 * How many steps of one tenant may be out of an agent type that several share, so that a slot is free for whoever comes next: a slow step
 * can't be taken back once it runs. It counts all that is out, also what waits on a queue: whether a step is slow is known afterwards only.
 * One slot can't be shared. Pure.
 * @param slots of all instances
 * @param orchestrators that have a part of it each: rounded down, one at least
 */
export function slotsOfOneTenant(slots: number, orchestrators: number): number {
  if (slots < 2) return NONE
  const reserved = Math.max(1, Math.floor(slots * RESERVED_SHARE))
  return Math.max(1, Math.floor((slots - reserved) / Math.max(1, orchestrators)))
}
