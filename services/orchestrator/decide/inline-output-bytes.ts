import { LIMITS } from '#schemas/limits.ts'

/** Outputs of a plan of so many steps that are larger go to the object store: all that stay inline are bounded together. Bytes. Pure. */
export function inlineOutputBytes(steps: number): number {
  return Math.min(LIMITS.inlineOutputBytes, Math.floor(LIMITS.inlineOutputsBytes / steps))
}
