import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { AdmittedTask } from './pending-admissions.ts'
import type { View } from './places.ts'
import type { Needs } from './waiting-line.ts'

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

/** Reasons that are a matter of one tenant: others are let in. */
const OF_TENANT: ReadonlySet<RefusalReason> = new Set(['quota', 'cameras'])

/** Why a task is not let in, with when to come back. */
export class Refusal extends MurmurError {
  readonly reason: RefusalReason
  /** What is kept for him until he comes back. Undefined: nobody knows what there will be by then. */
  readonly needs: Needs | undefined

  constructor(reason: RefusalReason, message: string, retryAfterMs: number, needs?: Needs) {
    super(OF_TENANT.has(reason) ? 'QUOTA_EXCEEDED' : 'OVERLOADED', message, { retryAfterMs })
    this.reason = reason
    this.needs = needs
  }
}

/** A check that is made before a task is let in. It answers from memory: nothing is waited for. */
export interface AdmissionCheck {
  /**
   * Why it would be refused now. Without a task: why every task would be.
   * @param active tasks in flight, of all tenants
   * @param view what was promised to those before it
   */
  refusal(demand: TaskDemand | undefined, active: number, view?: View): Refusal | undefined
  /** It was let in. Of the result, `stored` or `withdrawn` is called afterwards. */
  onAdmitted(demand: TaskDemand): AdmittedTask | undefined
}

const MIN_RETRY_MS = 250
const MAX_RETRY_MS = 60_000
/** Of those in a line, whose time is told by what goes before them. */
export const MAX_LINE_MS = 300_000
/** When nothing has ended lately, nobody knows. */
const UNKNOWN_RETRY_MS = 5000

/**
 * When `excess` of them will be gone at that rate. Milliseconds, within reason. Pure.
 * @param perSecond not above 0: nobody knows
 */
export function retryAfterMs(excess: number, perSecond: number, longestMs = MAX_RETRY_MS): number {
  if (!(perSecond > 0)) return UNKNOWN_RETRY_MS
  return Math.round(Math.min(longestMs, Math.max(MIN_RETRY_MS, (excess * 1000) / perSecond)))
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
