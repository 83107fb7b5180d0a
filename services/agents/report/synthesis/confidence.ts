import type { Confidence } from '#schemas/report.ts'

/** How firmly a finding of this strength may be worded. */
export function confidenceOf(strength: number): Confidence {
  if (strength >= 0.8) return 'strong'
  return strength >= 0.5 ? 'moderate' : 'weak'
}

/** Picks the wording that the confidence allows. */
export function worded(confidence: Confidence, wordings: Readonly<Record<Confidence, string>>): string {
  return wordings[confidence]
}
