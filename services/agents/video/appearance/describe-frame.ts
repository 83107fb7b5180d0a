import type { Detection, Detections } from '#schemas/detection.ts'
import type { Frame } from '../frames/frame-message.ts'
import { measureLook } from './measure-look.ts'
import { measureView } from './measure-view.ts'

/** Looks in one frame, at most: the best scores come first, and a message stays small. */
const MAX_LOOKS = 100

/** What was detected, each with its look, and what the whole picture shows. Pure. */
export function describeFrame(
  frame: Frame,
  detections: readonly Detection[],
): Pick<Detections, 'detections' | 'view'> {
  return {
    detections: detections.map((detection, i) => {
      const look = i < MAX_LOOKS ? measureLook(frame, detection.box) : undefined
      return look === undefined ? detection : { ...detection, look }
    }),
    view: measureView(frame),
  }
}
