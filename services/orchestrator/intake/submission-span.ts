import { systemClock } from '#platform/clock/clock.ts'
import { derivedSpan, PARTS } from '#platform/telemetry/derived-span.ts'
import { ATTRIBUTES, messaging, SPANS } from '#platform/telemetry/spans.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { TaskOrigin } from './admit.ts'

export interface SubmissionSpan {
  /** The `traceparent` that the task gets. */
  readonly ofTask: string
  /** Once. @param type of the task, where it is known */
  end(type?: string, error?: unknown): void
}

/** The span of taking in a submission: a child of whoever sent it, and the parent of the task's own. */
export function submissionSpan(
  tracing: Tracing,
  about: {
    tenant: string
    bytes: number
    traceparent: string | undefined
    origin?: TaskOrigin | undefined
  },
): SubmissionSpan {
  const { traceparent: parent, tenant, bytes } = about
  const ofTask = tracing.startTraceparent(parent)
  const startMs = systemClock.nowMs()
  return {
    ofTask,
    end(type = 'task', error) {
      if (!tracing.records(ofTask)) return
      tracing.record(SPANS.submit(type), {
        // What an orchestrator starts by itself came in no message.
        kind: about.origin ? 'internal' : 'consumer',
        traceparent: derivedSpan(ofTask, PARTS.submission),
        parent,
        startMs,
        endMs: systemClock.nowMs(),
        attributes: {
          ...messaging('process'),
          [ATTRIBUTES.destinationTemplate]: 'tasks.submit.{type}',
          [ATTRIBUTES.messageBytes]: bytes,
          [ATTRIBUTES.tenant]: tenant,
        },
        ...(error !== undefined && { error }),
      })
    },
  }
}
