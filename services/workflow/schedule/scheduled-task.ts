import type { ScheduledStart, ScheduleState } from '#schemas/schedule.ts'
import type { Submission } from '#schemas/submission.ts'

/** Labels of a task that a schedule started. */
export const SCHEDULE_LABELS = {
  name: 'murmur.schedule',
  /** RFC 3339, UTC. Of a triggered run: when it was triggered. */
  at: 'murmur.scheduled-at',
} as const

/** What a run submits: under a key that its time makes, so that whoever submits it again gets the same task. Pure. */
export function submissionOf(
  { name, createdAtMs, definition }: ScheduleState,
  { scheduledAtMs, requestId }: ScheduledStart,
): Submission & { idempotencyKey: string } {
  const { submission } = definition
  // A schedule that was deleted and made again is another one.
  const run = requestId === undefined ? scheduledAtMs : `by:${requestId}`
  return {
    ...submission,
    idempotencyKey: `schedule:${name}:${createdAtMs}:${run}`,
    labels: {
      ...submission.labels,
      [SCHEDULE_LABELS.name]: name,
      [SCHEDULE_LABELS.at]: new Date(scheduledAtMs).toISOString(),
    },
  }
}
