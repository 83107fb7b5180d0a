import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { AdmittedTask } from './pending-admissions.ts'

/** Why a task was not let in, for metrics. */
export type RefusalReason =
  | 'active'
  | 'lag'
  | 'quota'
  | 'cameras'
  | 'log'
  | 'steps'
  | 'objects'
  | 'redis'
  | 'jetstream'
  | 'queue'
  | 'wait'

/** A task that wants to come in: what its event would be, and how large. */
export interface TaskDemand {
  accepted: TaskAccepted
  /** Of its event in the log. */
  bytes: number
}

/** Those who are refused for want of the same thing, and how often there is room for one of them. */
export interface Line {
  readonly of: string
  readonly everyMs: number
}

/** Reasons that are a matter of one tenant: others are let in. */
const OF_TENANT: ReadonlySet<RefusalReason> = new Set(['quota', 'cameras'])

/** Why a task is not let in, with when to come back. */
export class Refusal extends MurmurError {
  readonly reason: RefusalReason
  readonly line: Line | undefined

  /** @param line absent: nobody knows how many find room after that time */
  constructor(reason: RefusalReason, message: string, retryAfterMs: number, line?: Line) {
    super(OF_TENANT.has(reason) ? 'QUOTA_EXCEEDED' : 'OVERLOADED', message, { retryAfterMs })
    this.reason = reason
    this.line = line
  }

  /** The same, with another time to come back. */
  at(retryAfterMs: number): Refusal {
    return new Refusal(this.reason, this.message, retryAfterMs, this.line)
  }
}

/** A check that is made before a task is let in. It answers from memory: nothing is waited for. */
export interface AdmissionCheck {
  /** Why it would be refused now. Without a task: why every task would be. `active`: tasks in flight, of all tenants. */
  refusal(demand: TaskDemand | undefined, active: number): Refusal | undefined
  /** It was let in. Of the result, `stored` or `withdrawn` is called afterwards. */
  onAdmitted(demand: TaskDemand): AdmittedTask | undefined
}

const MIN_RETRY_MS = 250
export const MAX_RETRY_MS = 60_000
/** When nothing has ended lately, nobody knows. */
const UNKNOWN_RETRY_MS = 5000

/**
 * When `excess` of them will be gone at that rate. Milliseconds, within reason. Pure.
 * @param perSecond not above 0: nobody knows
 */
export function retryAfterMs(excess: number, perSecond: number): number {
  if (!(perSecond > 0)) return UNKNOWN_RETRY_MS
  return Math.round(Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, (excess * 1000) / perSecond)))
}

/** By how much a measure has fallen a second, between the first sample and the last; 0 when nobody knows. Pure. */
export function fallPerSecond<S extends { readonly atMs: number }>(
  samples: readonly S[],
  measure: (sample: S) => number,
): number {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.atMs <= first.atMs) return 0
  return ((measure(first) - measure(last)) * 1000) / (last.atMs - first.atMs)
}

/** A share as people read it. Pure. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
