import type { StepOutcome } from '#schemas/step-message.ts'
import type { StepState } from '#schemas/task.ts'
import type { StepEnd } from './queued-step.ts'

/** Codes of a `retry` that say nothing of the agent: nobody began it, it was not handed over, or an object of its input is not there. */
const NOT_THE_AGENTS = new Set(['QUEUE_TIMEOUT', 'DELIVERIES_EXHAUSTED', 'CANCELLED', 'BLOB_NOT_FOUND'])

/**
 * What an outcome says of the agent that gave it. `fail` is the input's fault: this input never works, whoever has it, so it counts neither way. `retry`
 * is not: times that were up, crashes and whatever may pass are among it. Pure.
 */
export function judgeOutcome(outcome: StepOutcome): 'good' | 'bad' | 'void' {
  if (outcome.kind === 'retry') return judgeCode(outcome.error.code)
  return outcome.kind === 'done' ? 'good' : 'void'
}

/** The same for an attempt that ended without a result of its agent, by the code that it ended with. Pure. */
export function judgeCode(code: string): 'bad' | 'void' {
  return NOT_THE_AGENTS.has(code) ? 'void' : 'bad'
}

/** What is known of an attempt that ended by a timer or with its task. Pure. */
export function endWithoutResult(current: StepState | undefined): StepEnd {
  const code = current?.error?.code
  const isOwn = current?.status === 'backoff' || current?.status === 'failed'
  return {
    verdict: isOwn && code !== undefined ? judgeCode(code) : 'void',
    usedMs: undefined,
    instance: current?.instance,
  }
}
