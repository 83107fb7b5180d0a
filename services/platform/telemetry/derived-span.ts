import { hash } from 'node:crypto'
import { formatTraceparent, identityIn, isSampled } from './traceparent.ts'

const SPAN_ID_DIGITS = 16

/**
 * The span of a part of a task, by the name of the part: the same from everybody who knows the task's own `traceparent`. So whoever
 * goes on with a task after a crash goes on with its trace, and nothing more has to be kept of it. Where nobody records the trace
 * its parts have no spans, and no ids.
 * @param own the task's `traceparent`; @returns one of the same trace; `own` where it is not sampled, or none
 */
export function derivedSpan(own: string, part: string): string {
  if (!isSampled(own)) return own
  const identity = identityIn(own)
  const digits = hash('sha1', `${identity.spanId}:${part}`, 'hex').slice(0, SPAN_ID_DIGITS)
  return formatTraceparent({ ...identity, spanId: digits })
}

/** Names of the parts of a task. */
export const PARTS = {
  submission: 'submit',
  step: (stepId: string) => `step:${stepId}`,
  dispatch: (runId: string, attempt: number) => `dispatch:${runId}:${attempt}`,
} as const
