import type { FalsePositive } from '#schemas/false-positive.ts'
import { lookSimilarity } from '../../appearance/appearance.ts'
import { boxArea, containment, iou } from '../geometry.ts'
import type { ObservedTrack } from '../track/tracker.ts'

/** Its box must overlap the place by this (IoU), or be a part of it. */
const PLACE_IOU = 0.45
const PART = { inside: 0.8, share: 0.25 } as const
/** Looks may differ by much, with the light; a passer-by who stands there differs more. */
const ALIKE = 0.45

/**
 * Marks the tracks that are learned false positives: what has appeared in the place of one, looks like it and has never been seen elsewhere.
 * Who walks there is somebody else. Pure.
 */
export function markFalsePositives(
  tracks: readonly ObservedTrack[],
  known: readonly FalsePositive[],
  preset: number,
): readonly ObservedTrack[] {
  const here = known.filter((one) => (one.preset ?? 1) === preset)
  if (here.length === 0) return tracks
  return tracks.map((track) => {
    const match = track.unmoved ? here.find((one) => isSame(one, track)) : undefined
    return match ? { ...track, falsePositive: match.id } : track
  })
}

function isSame({ class: seenAs, box, look }: FalsePositive, track: ObservedTrack): boolean {
  if (track.class !== seenAs) return false
  const inPart = containment(box, track.box) >= PART.inside && boxArea(track.box) >= PART.share * boxArea(box)
  if (iou(box, track.box) < PLACE_IOU && !inPart) return false
  return (lookSimilarity(look, track.look) ?? 1) >= ALIKE
}
