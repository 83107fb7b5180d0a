import type { Candidate } from './heads/head.ts'

/** Two boxes that overlap by more than this (intersection over union) are the same object. */
const OVERLAP = 0.45
/** A threshold near nothing lets thousands of boxes through; comparing all with all would take longer than the network. */
const MAX = 1000
/** A box lies in another one when so much of its area does. */
const CONTAINED = 0.85
/** A box of a part has at least this share of the area of the whole; what is smaller stands before it. */
const PART_OF_VEHICLE = 0.33
/** Of something that was cut off at the edge of a tile and is seen whole elsewhere. */
const COVERED = 0.6

/**
 * One box an object, best first: of boxes that overlap the best, of a person and its upper body the whole, of a vehicle and a part of it
 * the more certain one. Among vehicles whatever the label: a van that is half a car and half a truck is one van. Persons and vehicles never
 * suppress each other: somebody may stand before a car. Pure.
 */
export function nonMaxSuppression(candidates: readonly Candidate[]): Candidate[] {
  const best = bestOfOverlapping(withoutCutOff(candidates))
  return withoutParts(best)
}

/** Keeps the best of the boxes that overlap, best first. */
function bestOfOverlapping(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = []
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX)) {
    if (!kept.some((other) => other.class === candidate.class && isSame(other, candidate)))
      kept.push(candidate)
  }
  return kept
}

/** What the edge of a tile has cut off goes, where another tile or the whole picture shows more of it. */
function withoutCutOff(candidates: readonly Candidate[]): readonly Candidate[] {
  const whole = candidates.filter(({ isCutOff }) => !isCutOff)
  if (whole.length === candidates.length) return candidates
  return candidates.filter(
    (each) =>
      !each.isCutOff ||
      !whole.some(
        (other) =>
          other.class === each.class &&
          areaOf(other) > areaOf(each) &&
          intersection(other, each) >= COVERED * areaOf(each),
      ),
  )
}

/** `candidates`: the best first. The box of a whole person takes the score of its upper body, of which the network may be more certain. */
function withoutParts(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = []
  for (const candidate of candidates) {
    const at = kept.findIndex((other) => other.class === candidate.class && arePartAndWhole(other, candidate))
    const better = kept[at]
    if (!better) kept.push(candidate)
    else if (candidate.class === 'person' && areaOf(candidate) > areaOf(better))
      kept[at] = { ...candidate, score: better.score }
  }
  return kept
}

function arePartAndWhole(a: Candidate, b: Candidate): boolean {
  const [part, whole] = areaOf(a) < areaOf(b) ? [a, b] : [b, a]
  if (intersection(part, whole) < CONTAINED * areaOf(part)) return false
  if (part.class === 'person') return isUpperBody(part, whole)
  return areaOf(part) >= PART_OF_VEHICLE * areaOf(whole)
}

/**
 * Head and shoulders of the same person: as wide, in the middle, at the top, and clearly shorter. Somebody small who stands before
 * somebody tall begins lower; two side by side are as tall as the box around both.
 */
function isUpperBody(part: Candidate, whole: Candidate): boolean {
  const [width, height] = [whole.right - whole.left, whole.bottom - whole.top]
  const middle = (of: Candidate) => (of.left + of.right) / 2
  return (
    part.right - part.left >= 0.6 * width &&
    part.bottom - part.top <= 0.8 * height &&
    Math.abs(middle(part) - middle(whole)) <= 0.2 * width &&
    Math.abs(part.top - whole.top) <= 0.12 * height
  )
}

function isSame(better: Candidate, other: Candidate): boolean {
  const shared = intersection(better, other)
  return shared > 0 && shared / (areaOf(better) + areaOf(other) - shared) > OVERLAP
}

function intersection(a: Candidate, b: Candidate): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  return width <= 0 || height <= 0 ? 0 : width * height
}

function areaOf({ left, top, right, bottom }: Candidate): number {
  return (right - left) * (bottom - top)
}
