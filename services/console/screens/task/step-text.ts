import type { Step } from '#schemas/plan.ts'

/** What a step does, in a word or two: the agent's type where it has one. Pure. */
export function kindOfStep(step: Step): string {
  if (step.agent !== undefined) return step.agent
  if (step.task !== undefined) return `task ${step.task.type}`
  if (step.sleep !== undefined) return 'sleep'
  if (step.waitFor !== undefined) return `signal ${step.waitFor.signal}`
  return step.approval !== undefined ? 'approval' : 'step'
}
