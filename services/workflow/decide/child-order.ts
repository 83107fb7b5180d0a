import { createHash } from 'node:crypto'
import type { Parent } from '#schemas/log-event.ts'
import type { Submission } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'

/** What has to be submitted for one attempt of a run that is a child task. */
export interface ChildOrder {
  childId: string
  runId: string
  attempt: number
  submission: Submission
  parent: Parent
}

/** The id of the child that one attempt of a run is: the same whenever it is asked for. 22 characters of a SHA-256 behind a letter. Pure. */
export function childIdOf(taskId: string, runId: string, attempt: number): string {
  const hash = createHash('sha256').update(`child\0${taskId}\0${runId}\0${attempt}`)
  return `t${hash.digest('base64url').slice(0, 22)}`
}

/** Undefined when the attempt is out no more, or is none of a child task. Pure. */
export function childOrder(state: TaskState, runId: string, attempt: number): ChildOrder | undefined {
  throw new Error(`${state.id} ${runId} ${attempt}`)
}
