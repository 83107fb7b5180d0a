import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'
import type { Submission } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import type { RetryTaskRequest } from '#schemas/task-controls.ts'

/** What a task becomes that is to run again: its submission, and the results that are kept. */
export interface RetryOrder {
  submission: Submission
  /** Outputs by step id. */
  results: Record<string, JsonValue>
  /** Of a task without an end. Milliseconds. */
  deadlineMs?: number
}

/**
 * The new task for one that is over. Steps run again that are named, that had not completed or whose effects were undone, and all
 * that follow from them; the others keep their results. The plan is the one that the task had, whatever its type makes of an input today. Pure.
 * @throws MurmurError INVALID_REQUEST
 */
export function retryOrder(task: TaskState, request: RetryTaskRequest): RetryOrder {
  const plan = request.plan ?? task.plan
  assertSteps(plan, request.fromSteps)
  const again = stepsToRun(plan, task, request.fromSteps)
  const results: Record<string, JsonValue> = {}
  for (const { id } of plan.steps) if (!again.has(id)) results[id] = task.steps[id]!.output ?? null
  const { labels, priority, deadlineAtMs, createdAtMs, startAtMs, singletonKey } = task
  const allowedMs = deadlineAtMs - Math.max(createdAtMs, startAtMs)
  const submission: Submission = {
    type: 'plan',
    plan,
    input: request.input ?? task.input,
    priority,
    deadlineMs: Math.min(LIMITS.taskDeadlineMs, Math.max(1, allowedMs)),
    idempotencyKey: `retry:${task.id}:${request.requestId}`,
    ...(labels && { labels }),
    ...(singletonKey !== undefined && { singleton: { key: singletonKey, onConflict: 'reject' } }),
  }
  // No submission can ask for what has no end.
  return {
    submission,
    results,
    ...(allowedMs > LIMITS.endlessTaskMs / 2 && { deadlineMs: LIMITS.endlessTaskMs }),
  }
}

function assertSteps(plan: Plan, fromSteps: readonly string[] = []): void {
  const known = new Set(plan.steps.map(({ id }) => id))
  for (const id of fromSteps) {
    if (known.has(id)) continue
    throw new MurmurError('INVALID_REQUEST', `there is no step "${id}" to run again`, {
      issues: [{ path: 'fromSteps', message: `"${id}" is no step of the plan` }],
    })
  }
}

function stepsToRun(plan: Plan, task: TaskState, fromSteps: readonly string[] = []): Set<string> {
  const again = new Set(fromSteps)
  const kindsOf = new Map(task.plan.steps.map((step) => [step.id, step]))
  for (const { id } of plan.steps) {
    const before = Object.hasOwn(task.steps, id) ? task.steps[id] : undefined
    if (before?.status !== 'completed' || before.compensated || !kindsOf.has(id)) again.add(id)
  }
  // Until nothing more follows: a plan has no cycles.
  for (let grown = true; grown; ) {
    grown = false
    for (const { id, needs } of plan.steps) {
      if (again.has(id) || !needs?.some((need) => again.has(need))) continue
      again.add(id)
      grown = true
    }
  }
  return again
}
