import type { Detection, DetectorInfo } from '#schemas/detection.ts'
import type { Frame } from '../frames/frame-message.ts'

/**
 * Sees persons and vehicles in pictures. Frames of one call share their size, which is one of `info.inputs`; the answer has
 * the detections of each, in their order.
 */
export interface Detector {
  readonly info: DetectorInfo
  /** Frames that it takes at once with profit, at most. */
  readonly batch: number
  /** Calls that it works on at the same time. One more each is worth having open: its pictures are copied meanwhile. */
  readonly parallel: number
  /**
   * @param onRun told how long the network itself took for all of them, without waiting. Milliseconds.
   * @throws Error when the runtime fails
   */
  detect(frames: readonly Frame[], onRun?: (runMs: number) => void): Promise<Detection[][]>
  /** Finishes what is under way. */
  close(): Promise<void>
}
