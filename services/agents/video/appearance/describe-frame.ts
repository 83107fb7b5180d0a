import type { Detection, Detections } from '#schemas/detection.ts'
import { measureAppearance } from './measure-appearance.ts'
import { measureView } from './measure-view.ts'
import type { Pixels } from './pixels.ts'

/** Looks in one frame, at most: the best scores come first, and a message stays small. */
const MAX_LOOKS = 100

/** What was detected, each with its look, and what the whole picture shows. Pure. */
export function describeFrame(
  frame: Pixels,
  detections: readonly Detection[],
): Pick<Detections, 'detections' | 'view'> {
  return {
    detections: detections.map((detection, i) => {
      const measured = i < MAX_LOOKS ? measureAppearance(frame, detection.box) : undefined
      return measured === undefined ? detection : { ...detection, look: measured }
    }),
    view: measureView(frame),
  }
}
