import type { TaskAccepted } from '#schemas/log-event.ts'
import { camerasOf } from '#workflow/plan/cameras-of.ts'
import { type AdmissionCheck, Refusal, retryAfterMs, type TaskDemand } from './admission-check.ts'
import { type AdmittedTask, PendingAdmissions } from './pending-admissions.ts'

export interface CameraLimits {
  /** Cameras that one tenant may have at the same time. 0: no limit. */
  tenantCameras: number
  /** The same for single tenants. */
  tenantCamerasOf?: ReadonlyMap<string, number> | undefined
}

/** What tasks that are not over may hold, as the stores say. */
export interface CameraLoad {
  camerasOf: ReadonlyMap<string, number>
  /** How far the log of each partition is counted in that. */
  offsets: readonly number[]
}

/**
 * How many cameras the tasks of each tenant may hold: each takes a slot of `capture`, a decoder and room for frames for as long as its task
 * lives, which may be for days. Counted in the stores from the tasks themselves; what was let in since the last sample is added. For
 * several orchestrators it is as exact as the quota of tasks is.
 */
export class CameraQuota implements AdmissionCheck {
  readonly #limits: CameraLimits
  #load: CameraLoad | undefined
  readonly #pendingOf = new Map<string, number>()
  readonly #pending = new PendingAdmissions<{ tenant: string; cameras: number }>(
    ({ tenant, cameras }, sign) => this.#count(tenant, sign * cameras),
  )

  constructor(limits: CameraLimits) {
    this.#limits = limits
  }

  observe(load: CameraLoad): void {
    this.#pending.observe((partition) => load.offsets[partition] ?? 0)
    this.#load = load
  }

  refusal(demand: TaskDemand | undefined): Refusal | undefined {
    if (!demand || !this.#load) return undefined
    const wanted = camerasOf(demand.accepted)
    if (wanted === 0) return undefined
    const { used, limit } = this.usage(demand.accepted.tenant)
    if (limit === 0 || used + wanted <= limit) return undefined
    const all = wanted > limit
    const mend = all
      ? 'fewer steps of capture at the same time (forEach.concurrency) need fewer'
      : 'ending a monitor makes room'
    return new Refusal(
      'cameras',
      `this tenant has ${used} cameras in use, ${limit} may be, and this task needs ${wanted}: ${mend}; MURMUR_TENANT_CAMERAS of the orchestrator gives more`,
      // Monitors end when somebody ends them: nobody knows when.
      retryAfterMs(wanted, 0),
    )
  }

  onAdmitted({ accepted }: TaskDemand): AdmittedTask | undefined {
    const cameras = camerasOf(accepted)
    return cameras === 0 ? undefined : this.#pending.add({ tenant: accepted.tenant, cameras })
  }

  /** What a tenant has in use, and may have; 0: no limit. */
  usage(tenant: TaskAccepted['tenant']): { used: number; limit: number } {
    const used = (this.#load?.camerasOf.get(tenant) ?? 0) + (this.#pendingOf.get(tenant) ?? 0)
    return { used, limit: this.#limits.tenantCamerasOf?.get(tenant) ?? this.#limits.tenantCameras }
  }

  #count(tenant: string, by: number): void {
    const count = (this.#pendingOf.get(tenant) ?? 0) + by
    if (count === 0) this.#pendingOf.delete(tenant)
    else this.#pendingOf.set(tenant, count)
  }
}
