// Plain values, for those who show them: a browser need not load what checks messages.

/** scheduled → running ⇄ paused → completed | compensating → failed | cancelled. docs/state-machine.md has the picture. */
export const TASK_STATUSES = [
  'scheduled',
  'running',
  'paused',
  'compensating',
  'completed',
  'failed',
  'cancelled',
] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

/**
 * waiting → dispatched ⇄ backoff → completed | failed. A step of several runs (a list, a loop, a fallback) is `running` while they
 * have these states; one that does nothing but wait is `sleeping`, `awaiting-signal` or `awaiting-approval`. Skipped: its condition did not
 * hold, or the task ended without it; cancelled: the task ended over it.
 */
export const STEP_STATUSES = [
  'waiting',
  'dispatched',
  'backoff',
  'running',
  'sleeping',
  'awaiting-signal',
  'awaiting-approval',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const
export type StepStatus = (typeof STEP_STATUSES)[number]

/** Whether a task in this status is over. Pure. */
export function isTerminal(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
