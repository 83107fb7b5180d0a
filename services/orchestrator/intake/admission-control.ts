import {
  type AdmissionCheck,
  fallPerSecond,
  MAX_LINE_MS,
  Refusal,
  type RefusalReason,
  retryAfterMs,
  type TaskDemand,
} from './admission-check.ts'
import { type AdmittedTask, PendingAdmissions } from './pending-admissions.ts'
import { NOBODY, Places, type View, type Visitor } from './places.ts'

export interface AdmissionLimits {
  /** 0 means no limit, here and below. */
  maxActiveTasks: number
  maxLagEvents: number
  tenantMaxActive: number
  tenantMaxActiveOf?: ReadonlyMap<string, number> | undefined
}

/** What is in flight, as the stores say. */
export interface Load {
  active: number
  activeOf: ReadonlyMap<string, number>
  /** Events that this orchestrator has read and not folded yet. */
  lagEvents: number
  /** How far the log of each partition is counted in that. */
  offsets: readonly number[]
}

/** A sample of the load, and what was let in here between it and the next one. */
interface LoadSample {
  readonly atMs: number
  readonly load: Load
  readonly admittedOf: Map<string, number>
  admitted: number
}

/** Rates are measured over so much time. */
const RATE_WINDOW_MS = 10_000
/**
 * Whether a new task may come in: decided before it is accepted, because nothing that was accepted is ever shed. It knows what
 * was in flight at its last sample, and counts what it has let in and the sample does not have. So it is cheap, exact for one
 * orchestrator, and not for several: they may together let in too much for as long as there is between two samples. Pure but for
 * its memory; the time comes in.
 */
export class AdmissionControl {
  readonly #limits: AdmissionLimits
  readonly #checks: readonly AdmissionCheck[]
  readonly #onRefused: (reason: RefusalReason) => void
  readonly #samples: LoadSample[] = []
  readonly #places: Places
  readonly #pendingOf = new Map<string, number>()
  readonly #pending = new PendingAdmissions<string>((tenant, sign) => addTo(this.#pendingOf, tenant, sign))

  /** @param more `checks`: made after the limits; `onRefused`: called with each refusal; `places`: of those who were refused */
  constructor(
    limits: AdmissionLimits,
    more: {
      checks?: readonly AdmissionCheck[]
      onRefused?: (reason: RefusalReason) => void
      places?: Places
    } = {},
  ) {
    this.#limits = limits
    this.#places = more.places ?? new Places('')
    this.#checks = more.checks ?? []
    this.#onRefused = more.onRefused ?? (() => {})
  }

  /** @param nowMs of a clock that goes forward */
  observe(load: Load, nowMs: number): void {
    this.#pending.observe((partition) => load.offsets[partition] ?? 0)
    this.#places.tidy(nowMs)
    this.#samples.push({ atMs: nowMs, load, admittedOf: new Map(), admitted: 0 })
    while (this.#samples.length > 2 && this.#samples[0]!.atMs < nowMs - RATE_WINDOW_MS) this.#samples.shift()
  }

  /**
   * Lets a task in, and counts it. Call `stored` or `withdrawn` of the result afterwards.
   * @param visitor who comes; unknown: he gets no place when he is refused
   * @throws MurmurError OVERLOADED, QUOTA_EXCEEDED, both with the time after which there should be room
   */
  admit(tenant: string, demand?: TaskDemand, visitor?: () => Omit<Visitor, 'tenant'>): AdmittedTask {
    const sample = this.#samples.at(-1)
    // The time of the last sample is near enough: it tells a quarter of a second more.
    const nowMs = sample?.atMs ?? 0
    const known = this.#places.size > 0 && visitor ? { tenant, ...visitor() } : undefined
    const view = this.#places.view(known ?? { tenant }, nowMs)
    const refusal = this.#refusalOfLimits(tenant, view) ?? this.#refusalOfChecks(demand, view)
    if (refusal) {
      this.#onRefused(refusal.reason)
      const { needs, retryAfterMs: waitMs } = refusal
      if (needs && waitMs !== undefined && waitMs < MAX_LINE_MS && visitor)
        this.#places.keep(known ?? { tenant, ...visitor() }, needs, { waitMs, nowMs })
      throw refusal
    }
    if (known) this.#places.take(known, nowMs)
    if (sample) {
      sample.admitted++
      sample.admittedOf.set(tenant, (sample.admittedOf.get(tenant) ?? 0) + 1)
    }
    const counted = [this.#pending.add(tenant)]
    if (demand) {
      for (const check of this.#checks) {
        const more = check.onAdmitted(demand)
        if (more) counted.push(more)
      }
    }
    return {
      stored: (partition, seq) => {
        for (const one of counted) one.stored(partition, seq)
      },
      withdrawn: () => {
        for (const one of counted) one.withdrawn()
      },
    }
  }

  #activeOf({ load }: LoadSample, tenant?: string): number {
    if (tenant === undefined) return load.active + this.#pending.size
    return (load.activeOf.get(tenant) ?? 0) + (this.#pendingOf.get(tenant) ?? 0)
  }

  /** How many more of a tenant would be let in now, as far as it does not depend on what they are. */
  room(tenant: string): number {
    return this.#refusalOfChecks(undefined, NOBODY) ? 0 : this.#roomOfLimits(tenant)
  }

  /** What a tenant has in flight, and how much it may have; 0: no limit. */
  usage(tenant: string): { tasks: { used: number; limit: number } } {
    const sample = this.#samples.at(-1)
    const used = sample ? Math.max(0, this.#activeOf(sample, tenant)) : 0
    return { tasks: { used, limit: this.#limitOf(tenant) } }
  }

  #roomOfLimits(tenant: string): number {
    const sample = this.#samples.at(-1)
    if (!sample) return Number.POSITIVE_INFINITY
    const { maxActiveTasks, maxLagEvents } = this.#limits
    if (maxLagEvents > 0 && sample.load.lagEvents > maxLagEvents) return 0
    const ofAll = maxActiveTasks > 0 ? maxActiveTasks - this.#activeOf(sample) : Number.POSITIVE_INFINITY
    const limit = this.#limitOf(tenant)
    const ofTenant = limit > 0 ? limit - this.#activeOf(sample, tenant) : Number.POSITIVE_INFINITY
    return Math.max(0, Math.min(ofAll, ofTenant))
  }

  #refusalOfChecks(demand: TaskDemand | undefined, view: View): Refusal | undefined {
    const sample = this.#samples.at(-1)
    const active = sample ? this.#activeOf(sample) : 0
    for (const check of this.#checks) {
      const refusal = check.refusal(demand, active, view)
      if (refusal) return refusal
    }
    return undefined
  }

  #refusalOfLimits(tenant: string, view: View): Refusal | undefined {
    const sample = this.#samples.at(-1)
    if (!sample) return undefined
    const { maxActiveTasks, maxLagEvents } = this.#limits
    const { lagEvents } = sample.load
    if (maxLagEvents > 0 && lagEvents > maxLagEvents) {
      const afterMs = retryAfterMs(
        lagEvents - maxLagEvents,
        fallPerSecond(this.#samples, ({ load }) => load.lagEvents),
      )
      return new Refusal('lag', `${lagEvents} events wait to be dealt with`, afterMs)
    }
    const active = this.#activeOf(sample)
    if (excessOf(active, maxActiveTasks, view.due('active')) > 0) {
      const message = `${active} tasks are in flight, ${maxActiveTasks} may be`
      const excess = excessOf(active, maxActiveTasks, view.ahead('active'))
      const afterMs = retryAfterMs(excess, this.#endedPerSecond(), MAX_LINE_MS)
      return new Refusal('active', message, afterMs, ONE_ACTIVE)
    }
    const own = this.#activeOf(sample, tenant)
    const limit = this.#limitOf(tenant)
    if (excessOf(own, limit, view.due(quotaLine(tenant))) <= 0) return undefined
    const ownExcess = excessOf(own, limit, view.ahead(quotaLine(tenant)))
    const afterMs = retryAfterMs(ownExcess, this.#endedPerSecond(tenant), MAX_LINE_MS)
    const message = `${own} tasks of this tenant are in flight, ${limit} may be`
    return new Refusal('quota', message, afterMs, new Map([[quotaLine(tenant), { units: 1 }]]))
  }

  #limitOf(tenant: string): number {
    return this.#limits.tenantMaxActiveOf?.get(tenant) ?? this.#limits.tenantMaxActive
  }

  /** What was there and what came in, less what is there: that has ended. Others let tasks in too, so it is a lower bound. */
  #endedPerSecond(tenant?: string): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.atMs <= first.atMs) return 0
    const count = (sample: LoadSample) => countOf(sample, tenant)
    const admitted = this.#samples.slice(0, -1).reduce((sum, sample) => sum + admittedOf(sample, tenant), 0)
    return ((count(first) + admitted - count(last)) * 1000) / (last.atMs - first.atMs)
  }
}

/** Adds to a count, and keeps none of 0. */
function addTo(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}

function countOf({ load }: LoadSample, tenant: string | undefined): number {
  return tenant === undefined ? load.active : (load.activeOf.get(tenant) ?? 0)
}

function admittedOf(sample: LoadSample, tenant: string | undefined): number {
  return tenant === undefined ? sample.admitted : (sample.admittedOf.get(tenant) ?? 0)
}

const ONE_ACTIVE = new Map([['active', { units: 1 }]])
const quotaLine = (tenant: string) => `quota ${tenant}`

/** How many have to end before there is room for one more; not above 0: there is. @param limit 0: none */
function excessOf(active: number, limit: number, ahead: number): number {
  return limit > 0 ? active + Math.round(ahead) - limit + 1 : 0
}
