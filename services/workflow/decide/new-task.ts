import type { LogEvent, TaskAccepted } from '#schemas/log-event.ts'
import type { StepState, TaskState } from '#schemas/task.ts'

/** The state of a task that was just accepted: every step waits, but those whose results it brings along. Pure. */
export function newTask(body: TaskAccepted, { atMs, seq }: Pick<LogEvent, 'atMs' | 'seq'>): TaskState {
  const { results = {} } = body
  const steps: Record<string, StepState> = {}
  for (const { id, compensate } of body.plan.steps)
    steps[id] = Object.hasOwn(results, id)
      ? { status: 'completed', attempt: 0, output: results[id]!, ...(compensate && { completedSeq: seq }) }
      : { status: 'waiting', attempt: 0 }
  return {
    v: 1,
    id: body.taskId,
    tenant: body.tenant,
    type: body.type,
    status: body.delayMs > 0 || body.held ? 'scheduled' : 'running',
    rev: 1,
    seq,
    priority: body.priority,
    bodyHash: body.bodyHash,
    ...(body.labels && { labels: body.labels }),
    ...(body.traceparent && { traceparent: body.traceparent }),
    createdAtMs: atMs,
    startAtMs: atMs + body.delayMs,
    deadlineAtMs: atMs + body.deadlineMs,
    ...(body.keepFinishedMs !== undefined && { keepFinishedMs: body.keepFinishedMs }),
    ...(body.parent && { parent: body.parent }),
    ...(body.retryOf && { retryOf: body.retryOf }),
    ...(body.held && { held: body.held }),
    ...(body.singletonKey !== undefined && { singletonKey: body.singletonKey }),
    input: body.input,
    plan: body.plan,
    ...(body.template !== undefined && { template: body.template }),
    steps,
  }
}
