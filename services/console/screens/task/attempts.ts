import type { JsonValue } from '#schemas/json.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepStatus } from '#schemas/task-status.ts'

/** One attempt of a run, as the log tells it. Unix milliseconds. */
export interface AttemptRecord {
  readonly runId: string
  readonly attempt: number
  /** When it was put on its queue. */
  queuedAtMs?: number
  startedAtMs?: number
  finishedAtMs?: number
  /** When the next attempt was due. */
  retryAtMs?: number
  instance?: string
  status?: StepStatus
  error?: TaskError
  output?: JsonValue
}
