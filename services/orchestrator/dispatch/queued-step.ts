import type { Admitted, CallEnd } from './breaker.ts'
import type { Charge, QueueEntry } from './fair-queue.ts'
import type { Choice, StepToPlace } from './strategy.ts'

/** An attempt on its way to an agent. */
export interface QueuedStep extends QueueEntry, Pick<StepToPlace, 'stickyKey' | 'requirements'> {
  /** Names it: task, step, attempt. */
  id: string
  /** Nobody wants it any more: it is passed over when its turn comes. */
  isGone: boolean
  /** Its type of tasks is paused: `queued` while it stands in the queue all the same, `aside` once its turn there was passed over. */
  held?: 'queued' | 'aside' | undefined
}

/** What is known of a step that an instance is looked for. */
export type Placeable = Pick<
  QueuedStep,
  'id' | 'tenant' | 'priority' | 'stickyKey' | 'requirements' | 'placement'
>

/** An attempt that is out, and what is to be given back when it ends. */
export interface SentStep<Step extends QueuedStep> {
  step: Step
  charge: Charge<Step>
  choice: Choice
  /** The queue of the instance that was chosen; undefined: that of all. */
  queue: number | undefined
  sentAtMs: number
  typeCall: Admitted
  instanceCall: Admitted | undefined
}

/** How an attempt ended. */
export interface StepEnd {
  verdict: CallEnd['kind']
  /** Agent time; undefined: it never ran, as far as is known. Milliseconds. */
  usedMs: number | undefined
  /** Who ran it, where that is known. */
  instance?: string | undefined
}
