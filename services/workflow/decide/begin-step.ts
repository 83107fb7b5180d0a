import type { Step } from '#schemas/plan.ts'
import { kindOf } from '#schemas/plan.ts'
import { whenHolds } from './conditions.ts'
import { beginForEach } from './for-each.ts'
import { beginRepeat } from './repeat.ts'
import { runIdOf } from './run-id.ts'
import type { StepEnd } from './step-end.ts'
import type { TaskDraft } from './transitions.ts'
import { beginWaiting } from './waiting-steps.ts'

/** A step whose needs are settled begins, or is skipped. What ends at once is returned. */
export function beginStep(draft: TaskDraft, step: Step): StepEnd | undefined {
  const { steps } = draft.state
  const { needs = [] } = step
  // Of two ways that come together again one is enough; where nothing came, nothing goes on.
  if (needs.length > 0 && needs.every((id) => steps[id]?.status === 'skipped')) return { kind: 'skipped' }
  if (step.when === undefined) return beginKind(draft, step)
  const holds = whenHolds(draft.state, step)
  if (holds === 'stored') {
    draft.change(step.id, { status: 'running' })
    draft.begin(runIdOf(step.id, 'when'))
    return undefined
  }
  if (!holds.ok) return { kind: 'failed', error: holds.error }
  return holds.value ? beginKind(draft, step) : { kind: 'skipped' }
}

/** What a step does, when nothing stands against it any more. */
export function beginKind(draft: TaskDraft, step: Step): StepEnd | undefined {
  const kind = kindOf(step)
  if (kind !== 'agent' && kind !== 'task') return beginWaiting(draft, step)
  if (step.forEach || step.repeat) draft.change(step.id, { status: 'running' })
  if (step.forEach) return beginForEach(draft, step)
  if (step.repeat) return beginRepeat(draft, step)
  draft.begin(step.id)
  return undefined
}
