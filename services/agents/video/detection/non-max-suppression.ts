import type { Candidate } from './heads/head.ts'

/** Two boxes that overlap by more than this (intersection over union) are the same object. */
const OVERLAP = 0.45
/** A threshold near nothing lets thousands of boxes through; comparing all with all would take longer than the network. */
const MAX = 1000

/**
 * Keeps the best of the boxes that overlap, best first. Among vehicles whatever the label: a van that is half a car and half a
 * truck is one van. Persons and vehicles never suppress each other: somebody may stand before a car.
 */
export function nonMaxSuppression(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = []
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX)) {
    if (!kept.some((other) => other.class === candidate.class && isSame(other, candidate)))
      kept.push(candidate)
  }
  return kept
}

function isSame(better: Candidate, other: Candidate): boolean {
  const width = Math.min(better.right, other.right) - Math.max(better.left, other.left)
  const height = Math.min(better.bottom, other.bottom) - Math.max(better.top, other.top)
  if (width <= 0 || height <= 0) return false
  const shared = width * height
  return shared / (areaOf(better) + areaOf(other) - shared) > OVERLAP
}

function areaOf({ left, top, right, bottom }: Candidate): number {
  return (right - left) * (bottom - top)
}
