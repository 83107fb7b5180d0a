import { derivedSpan, PARTS } from '#platform/telemetry/derived-span.ts'
import { ATTRIBUTES, messaging, SPANS, spanError } from '#platform/telemetry/spans.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'

/** Told when a step is on its queue, or could not be put there. */
export interface SendSpan {
  /** For the header of the message. */
  readonly traceparent: string
  end(subject: string, error?: unknown): void
}

/** The span of an attempt on its way to its queue, a child of that of its step; undefined where nothing is recorded. */
export function sendSpan(
  tracing: Tracing,
  state: TaskState,
  about: { runId: string; attempt: number; agent: string },
  nowMs: () => number,
): SendSpan | undefined {
  const own = state.traceparent
  if (!tracing.records(own)) return undefined
  const { runId, attempt, agent } = about
  const traceparent = derivedSpan(own, PARTS.dispatch(runId, attempt))
  const parent = derivedSpan(own, PARTS.step(splitRunId(runId).stepId))
  const startMs = nowMs()
  return {
    traceparent,
    end: (subject, error) =>
      tracing.record(SPANS.dispatch(agent), {
        kind: 'producer',
        traceparent,
        parent,
        startMs,
        endMs: nowMs(),
        ...(error !== undefined && { error }),
        attributes: {
          ...messaging('send', 'publish'),
          [ATTRIBUTES.destination]: subject,
          [ATTRIBUTES.destinationTemplate]: 'steps.{agent}',
          [ATTRIBUTES.taskId]: state.id,
          [ATTRIBUTES.tenant]: state.tenant,
          [ATTRIBUTES.stepId]: runId,
          [ATTRIBUTES.attempt]: attempt,
          [ATTRIBUTES.agent]: agent,
        },
      }),
  }
}

/** The span of a result that was folded: a child of what its agent sent it under, of the same trace as its task. */
export function recordResult(
  tracing: Tracing,
  state: TaskState,
  { traceparent: sent, stepId, attempt, outcome }: StepResult,
  about: { agent: string; tookMs: number; endMs: number },
): void {
  const own = state.traceparent
  // Agents in any language write results: none of them gets into the trace of another.
  if (!tracing.records(own) || !tracing.records(sent) || sent.slice(0, 36) !== own.slice(0, 36)) return
  const { agent, tookMs, endMs } = about
  tracing.record(SPANS.fold(), {
    kind: 'consumer',
    traceparent: tracing.startTraceparent(sent),
    parent: sent,
    startMs: endMs - tookMs,
    endMs,
    attributes: {
      ...messaging('process'),
      [ATTRIBUTES.destinationTemplate]: 'log.{partition}.result',
      [ATTRIBUTES.taskId]: state.id,
      [ATTRIBUTES.tenant]: state.tenant,
      [ATTRIBUTES.stepId]: stepId,
      [ATTRIBUTES.attempt]: attempt,
      [ATTRIBUTES.agent]: agent,
      [ATTRIBUTES.outcome]: outcome.kind,
    },
  })
}

/** The trace that a child task belongs to: that of the step which starts it. */
export function traceOfChild(state: TaskState, runId: string): string | undefined {
  const own = state.traceparent
  return own === undefined ? undefined : derivedSpan(own, PARTS.step(splitRunId(runId).stepId))
}

/** Spans of a task that has ended and of its steps. Their identities follow from the task's own, so nobody has to remember them. */
export function recordTask(tracing: Tracing, state: TaskState): void {
  const { traceparent, finishedAtMs: endMs } = state
  if (!tracing.records(traceparent) || endMs === undefined) return
  const about = {
    [ATTRIBUTES.taskId]: state.id,
    [ATTRIBUTES.taskType]: state.type,
    [ATTRIBUTES.tenant]: state.tenant,
  }
  tracing.record(SPANS.task(state.type), {
    traceparent,
    parent: derivedSpan(traceparent, PARTS.submission),
    attributes: { ...about, [ATTRIBUTES.outcome]: state.status },
    startMs: state.createdAtMs,
    endMs,
    ...(state.error && { error: spanError(state.error) }),
  })
  for (const step of state.plan.steps) {
    const run = state.steps[step.id]
    if (!run || run.status === 'waiting' || run.status === 'skipped') continue
    const startMs = beginOf(state, step.needs ?? [])
    tracing.record(SPANS.wholeStep(step.agent ?? 'control'), {
      traceparent: derivedSpan(traceparent, PARTS.step(step.id)),
      parent: traceparent,
      attributes: {
        ...about,
        [ATTRIBUTES.stepId]: step.id,
        [ATTRIBUTES.outcome]: run.status,
        [ATTRIBUTES.attempt]: run.attempt,
      },
      startMs,
      endMs: Math.max(startMs, Math.min(endMs, run.finishedAtMs ?? endMs)),
      ...(run.error && run.status === 'failed' && { error: spanError(run.error) }),
    })
  }
}

/** A step begins when all that it needs has ended. */
function beginOf(state: TaskState, needs: readonly string[]): number {
  const ends = needs.map((id) => state.steps[id]?.finishedAtMs ?? state.createdAtMs)
  return Math.max(state.createdAtMs, ...ends)
}
