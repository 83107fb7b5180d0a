import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Parent } from '#schemas/log-event.ts'
import type { Submission } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import { inputOfRun } from './build-step-message.ts'
import { childIdOf } from './child-id.ts'
import { runStateOf } from './find-run.ts'
import { bodyOfRun } from './run-body.ts'

/** What has to be submitted for one attempt of a run that is a child task. */
export interface ChildOrder {
  childId: string
  runId: string
  attempt: number
  submission: Submission
  parent: Parent
}

/**
 * Undefined when the attempt is out no more, or is none of a child task. Pure.
 * @param item of a list that lies in the object store
 */
export function childOrder(
  state: TaskState,
  runId: string,
  attempt: number,
  item?: JsonValue,
): ChildOrder | undefined {
  const run = runStateOf(state, runId)
  const body = bodyOfRun(state.plan, runId)
  if (!body?.task || run?.status !== 'dispatched' || run.attempt !== attempt) return undefined
  const { type, plan, deadlineMs } = body.task
  const endsAtMs = Math.min(state.deadlineAtMs, run.timeoutAtMs ?? Number.POSITIVE_INFINITY)
  const leftMs = Math.max(1, endsAtMs - (run.dispatchedAtMs ?? state.createdAtMs))
  // The first ones, where the parent has as many as a task may.
  const labels = Object.entries(state.labels ?? {}).filter(([name]) => name !== PARENT_LABEL)
  const submission = {
    type,
    input: inputOfRun(state, runId, body, item) as JsonObject,
    ...(plan && { plan }),
    priority: state.priority,
    deadlineMs: Math.min(deadlineMs ?? leftMs, leftMs),
    labels: { ...Object.fromEntries(labels.slice(0, LIMITS.labels - 1)), [PARENT_LABEL]: state.id },
  } as unknown as Submission
  const parent = { taskId: state.id, stepId: runId, attempt, depth: (state.parent?.depth ?? 0) + 1 }
  return { childId: childIdOf(state.id, runId, attempt), runId, attempt, submission, parent }
}

/** By which children are found: the task that they belong to. */
export const PARENT_LABEL = 'murmur.parent'
