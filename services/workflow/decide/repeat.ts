import type { JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import { type Condition, untilHolds } from './conditions.ts'
import { runIdOf } from './run-id.ts'
import type { RunEnd, StepEnd } from './step-end.ts'
import type { TaskDraft } from './transitions.ts'

/*
 * A step that runs until a condition holds: runs 1, 2, 3 …, one after the other; after each the condition, which is a run `until` where
 * what it reads has to be fetched.
 */

export function beginRepeat(draft: TaskDraft, step: Step): undefined {
  draft.change(step.id, { iteration: 1 })
  draft.begin(runIdOf(step.id, 1))
}

/** One of its runs has ended. */
export function repeatRunEnded(draft: TaskDraft, step: Step, part: string, end: RunEnd): StepEnd | undefined {
  draft.closeRun(runIdOf(step.id, part))
  const { iteration = 1, previous = null } = draft.step(step.id)
  if (end.kind === 'failed') {
    const { code, message } = end.error
    return { kind: 'failed', error: { code, message: `iteration ${iteration}: ${message}` } }
  }
  if (part === 'until') return decided(draft, step, { ok: true, value: end.output === true }, previous)
  draft.change(step.id, { previous: end.output })
  return decided(draft, step, untilHolds(draft.state, step, { output: end.output, iteration }), end.output)
}

function decided(draft: TaskDraft, step: Step, isOver: Condition, output: JsonValue): StepEnd | undefined {
  if (isOver === 'stored') {
    draft.begin(runIdOf(step.id, 'until'))
    return undefined
  }
  if (!isOver.ok) return { kind: 'failed', error: isOver.error }
  const { maxIterations, delayMs } = step.repeat!
  const { iteration = 1 } = draft.step(step.id)
  if (isOver.value) {
    draft.change(step.id, { previous: undefined })
    return { kind: 'completed', output }
  }
  if (iteration >= maxIterations) {
    const message = `its condition did not hold after ${iteration} iterations`
    return { kind: 'failed', error: { code: 'REPEAT_EXHAUSTED', message } }
  }
  draft.change(step.id, { iteration: iteration + 1 })
  draft.begin(runIdOf(step.id, iteration + 1), delayMs)
  draft.announce({
    kind: 'progress',
    stepId: step.id,
    note: `iteration ${iteration + 1} of at most ${maxIterations}`,
  })
  return undefined
}
