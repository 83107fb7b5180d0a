/** p from which a result is as certain as it gets. */
const SMALLEST_P = 1e-10

/** 0 to 1: 0.2 at p = 0.01, 0.3 at 0.001, 1 from 1e-10. */
export function certainty(pValue: number): number {
  return Math.min(1, Math.log10(Math.max(pValue, SMALLEST_P)) / Math.log10(SMALLEST_P))
}

/** Strength of a tested effect: the geometric mean of its size (0 to 1) and its certainty. */
export function testedStrength(effect: number, pValue: number): number {
  return Math.sqrt(clamp01(Math.abs(effect)) * Math.max(0, certainty(pValue)))
}

export function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value))
}
