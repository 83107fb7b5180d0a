import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type AdmissionCheck, Refusal, type TaskDemand } from '../intake/admission-check.ts'
import { Poller } from '../intake/poller.ts'
import type { ObjectLedger } from './ledger/object-ledger.ts'
import { type ObjectLimits, sizeText } from './object-limits.ts'

export interface ObjectUsageDeps {
  ledger: Pick<ObjectLedger, 'used'>
  limits: ObjectLimits
  metrics: Metrics
  clock: Clock
  log: Log
}

const POLL_INTERVAL_MS = 1000
/** Room comes with what is deleted and what expires: nobody knows when. */
export const FULL_RETRY_MS = 5000
/** Tenants that have a series of their own, those with most; the others are one. */
const TENANTS_SHOWN = 50
const OTHERS = '_other'

/**
 * What each tenant has in the object store, as of a second ago. A tenant that has all that it may gets no new tasks in, because those
 * would make more; what was accepted goes on in the room that is kept for it.
 */
export class ObjectUsage extends Poller implements AdmissionCheck {
  readonly name = 'usage of objects'
  readonly #deps: ObjectUsageDeps
  #used: ReadonlyMap<string, number> = new Map()

  constructor(deps: ObjectUsageDeps) {
    super(deps.clock, POLL_INTERVAL_MS)
    this.#deps = deps
    const { metrics } = deps
    metrics.onScrape(() => {
      const gauge = metrics.gauge('murmur_object_bytes')
      gauge.clear()
      for (const [tenant, bytes] of mostFirst(this.#used)) gauge.labels(tenant).set(bytes)
    })
  }

  /** Bytes. */
  of(tenant: string): number {
    return this.#used.get(tenant) ?? 0
  }

  refusal(demand: TaskDemand | undefined): Refusal | undefined {
    if (!demand) return undefined
    const { tenant } = demand.accepted
    const used = this.of(tenant)
    const limit = this.#deps.limits.of(tenant)
    if (limit === 0 || used < limit) return undefined
    return new Refusal('quota', fullText(used, limit, 'new tasks have to wait'), FULL_RETRY_MS)
  }

  onAdmitted(): undefined {
    return undefined
  }

  protected async poll(): Promise<void> {
    const { ledger, log } = this.#deps
    try {
      this.#used = await ledger.used()
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'what tenants have in the object store could not be read')
    }
  }
}

/** What is not stored any more of a tenant that is full. */
export function quotaError(used: number, limit: number, what: string): MurmurError {
  return new MurmurError('QUOTA_EXCEEDED', fullText(used, limit, what), { retryAfterMs: FULL_RETRY_MS })
}

function fullText(used: number, limit: number, what: string): string {
  return `this tenant has ${sizeText(used)} in the object store, ${sizeText(limit)} may be: ${what}. deleting some (murmur objects rm) makes room at once; uploads go when they expire, what tasks made when those are no longer kept; MURMUR_TENANT_OBJECT_BYTES of the orchestrator gives more`
}

/** Those with most, and the sum of the others. Pure. */
export function mostFirst(used: ReadonlyMap<string, number>): [string, number][] {
  const sorted = [...used].toSorted((a, b) => b[1] - a[1])
  const others = sorted.slice(TENANTS_SHOWN)
  if (others.length === 0) return sorted
  return [...sorted.slice(0, TENANTS_SHOWN), [OTHERS, others.reduce((sum, [, bytes]) => sum + bytes, 0)]]
}
