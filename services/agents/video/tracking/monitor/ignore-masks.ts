import type { Detection } from '#schemas/detection.ts'
import type { IgnoreMask } from '#schemas/watch-rule.ts'
import { bottomCentre, isInsidePolygon } from '../geometry.ts'

/** Detections without those that stand in an ignore mask of this view. Pure. */
export function withoutMasked(
  detections: readonly Detection[],
  masks: readonly IgnoreMask[],
  preset: number,
): readonly Detection[] {
  const here = masks.filter((mask) => mask.preset === undefined || mask.preset === preset)
  if (here.length === 0) return detections
  return detections.filter(
    ({ class: seenAs, box }) =>
      !here.some(
        ({ classes, polygon }) =>
          (!classes || classes.includes(seenAs)) && isInsidePolygon(bottomCentre(box), polygon),
      ),
  )
}
