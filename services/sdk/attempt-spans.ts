import type { Delivery } from '#platform/nats/delivery.ts'
import { ATTRIBUTES, messaging, SPANS, type Span, spanError } from '#platform/telemetry/spans.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { StepMessage, StepOutcome } from '#schemas/step-message.ts'

/** The span of an attempt that an agent works on: a child of its dispatch, and linked to it. */
export function attemptSpan(tracing: Tracing, step: StepMessage, delivery: Delivery): Span {
  const { agent, tenant } = step
  const parent = delivery.header(TRACEPARENT_HEADER)
  // Nineteen of twenty: nothing is described that nobody records.
  if (parent !== undefined && !tracing.records(parent)) return tracing.span(SPANS.step(agent), { parent })
  return tracing.span(SPANS.step(agent), {
    kind: 'consumer',
    parent,
    attributes: {
      ...attributesOf(step, 'process'),
      [ATTRIBUTES.destination]: delivery.subject,
      [ATTRIBUTES.destinationTemplate]: 'steps.{agent}',
      [ATTRIBUTES.messageBytes]: delivery.data.length,
      [ATTRIBUTES.tenant]: tenant,
      [ATTRIBUTES.agent]: agent,
    },
  })
}

/** Ends it with what came of it; the code of an error becomes its `error.type`. */
export function endAttempt(span: Span, outcome: StepOutcome): void {
  if (!span.isRecorded) return
  span.setAttribute(ATTRIBUTES.outcome, outcome.kind)
  span.end(outcome.kind === 'done' ? undefined : spanError(outcome.error))
}

/** The span of a result on its way into the log; undefined where nothing is recorded. */
export function resultSpan(
  tracing: Tracing,
  step: StepMessage,
  parent: string | undefined,
): Span | undefined {
  if (!tracing.records(parent)) return undefined
  return tracing.span(SPANS.result(), {
    kind: 'producer',
    parent,
    attributes: {
      ...attributesOf(step, 'send'),
      [ATTRIBUTES.destinationTemplate]: 'log.{partition}.result',
    },
  })
}

function attributesOf({ taskId, stepId, attempt }: StepMessage, operation: 'process' | 'send') {
  return {
    ...messaging(operation, operation === 'send' ? 'publish' : operation),
    [ATTRIBUTES.taskId]: taskId,
    [ATTRIBUTES.stepId]: stepId,
    [ATTRIBUTES.attempt]: attempt,
  }
}
