import type { Step } from '#schemas/plan.ts'
import type { StepEnd } from './step-end.ts'
import type { TaskDraft } from './transitions.ts'

/** Placeholder until the kinds that wait are there. */
export function beginWaiting(_draft: TaskDraft, step: Step): StepEnd | undefined {
  throw new Error(`step ${step.id} is of a kind that is not known here`)
}

/** The time of a step that waits is up. */
export function wake(_draft: TaskDraft, stepId: string, _untilMs: number): void {
  throw new Error(`step ${stepId} is of a kind that is not known here`)
}
