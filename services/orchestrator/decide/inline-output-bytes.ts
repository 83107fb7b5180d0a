import { LIMITS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'

/** Outputs of this plan's steps that are larger go to the object store: all that stay inline are bounded together. Bytes. Pure. */
export function inlineOutputBytes({ steps }: Pick<Plan, 'steps'>): number {
  return Math.min(LIMITS.inlineOutputBytes, Math.floor(LIMITS.inlineOutputsBytes / steps.length))
}
