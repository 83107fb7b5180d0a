import type { Submission } from '#schemas/submission.ts'

/** What a step of the campaign is told to do. It always computes the same: a sum of its salt and of what it needs. */
export interface StepOrder {
  salt: number
  /** Values of the steps that it needs, in the order of `needs`; null for one that failed. */
  values: unknown
  /** How long it takes. Milliseconds. */
  workMs: number
  /**
   * `compute`: works. `retry`: asks to be tried again until attempt `succeedsAt`. `fail`: fails for good. `invalid`: returns
   * what is no outcome. `poison`: takes its process down, every time. `block`: stops the event loop of its process for `workMs`.
   */
  behaviour: 'compute' | 'retry' | 'fail' | 'invalid' | 'poison' | 'block'
  succeedsAt: number
  /** Characters that the output has beside its value. */
  padding: number
}

/**
 * What is expected of a task. `healthy`: it has time and attempts enough, so that it completes whatever happens around it.
 * `tight`: may run out of time. `poison`: has a step that takes processes down. `filler`: for an agent that is not there.
 * `invalid`: must be refused.
 */
export type TaskKind = 'healthy' | 'tight' | 'poison' | 'filler' | 'invalid'

/** A task of the load, as it was drawn. */
export interface PlannedTask {
  /** Its label `op` in the submission: by it the log tells which task this is. */
  op: string
  kind: TaskKind
  /** When it is submitted. Milliseconds from the start of the load. */
  atMs: number
  /** The service that answers, or the durable queue. */
  via: 'request' | 'queue'
  submission: Submission
  /** When its end is due if nothing goes wrong. Milliseconds from the start of the load. */
  idealEndMs: number
  /** It is cancelled so long after it was accepted. Milliseconds. */
  cancelAfterMs?: number
  /** The same key is used once more, so long after it was accepted: with the same body or with another one. Milliseconds. */
  repeat?: { afterMs: number; body: 'same' | 'other' }
}
