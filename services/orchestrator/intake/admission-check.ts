import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Admitted } from './uncounted.ts'

/** Why a task was not let in, for metrics. */
export type RefusalReason = 'active' | 'lag' | 'quota' | 'log' | 'steps' | 'objects' | 'queue' | 'wait'

/** A task that wants to come in: what its event would be, and how large. */
export interface TaskDemand {
  accepted: TaskAccepted
  /** Of its event in the log. */
  bytes: number
}

/** A no, with when to come back. */
export class Refusal extends MurmurError {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string, retryAfterMs: number) {
    super(reason === 'quota' ? 'QUOTA_EXCEEDED' : 'OVERLOADED', message, { retryAfterMs })
    this.reason = reason
  }
}

/** One question that is asked before a task is let in. Answers come from memory: nothing is waited for. */
export interface AdmissionCheck {
  /** Why it would be refused now. Without a task: why every task would be. `active`: tasks in flight, of all tenants. */
  refusal(demand: TaskDemand | undefined, active: number): Refusal | undefined
  /** It was let in. What is returned is told what becomes of it. */
  onAdmitted(demand: TaskDemand): Admitted | undefined
}
