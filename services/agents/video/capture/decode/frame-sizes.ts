import type { DetectorInfo } from '#schemas/detection.ts'
import { pixelBytes } from '../../frames/frame-message.ts'
import { CAPTURE_LIMITS } from '../limits.ts'

export interface Size {
  width: number
  height: number
}

/** The sizes of one source's frames. Pixels. */
export interface FrameSizes {
  /** What the detector takes, grey border included. */
  input: Size
  /** The part of it from the top left that shows the source. */
  content: Size
  /** For people: snapshots and clips. Even, never larger than the source. */
  display: Size
}

/** Inputs whose waste differs by less than this are alike; the detector's own order then counts. */
const ALIKE = 0.01

/** The input that wastes the least border on a source, and what follows from it. Pure. */
export function chooseSizes(source: Size, inputs: DetectorInfo['inputs']): FrameSizes {
  const fits = inputs.map((input) => {
    const content = fitInto(source, input)
    return { input, content, waste: 1 - (content.width * content.height) / (input.width * input.height) }
  })
  const least = Math.min(...fits.map(({ waste }) => waste))
  const { input, content } = fits.find(({ waste }) => waste <= least + ALIKE)!
  return { input: { width: input.width, height: input.height }, content, display: displaySize(source) }
}

/** Bytes of a frame in planes of green, blue and red, without the border below. */
export function modelBytes({ input, content }: FrameSizes): number {
  return pixelBytes({ width: input.width, contentHeight: content.height })
}

/** Bytes of a frame as yuv420p; both sides are even. */
export function displayBytes({ display }: FrameSizes): number {
  return (display.width * display.height * 3) / 2
}

function fitInto(source: Size, box: Size): Size {
  const scale = Math.min(box.width / source.width, box.height / source.height)
  const side = (length: number, most: number) => Math.min(most, Math.max(1, Math.round(length * scale)))
  return { width: side(source.width, box.width), height: side(source.height, box.height) }
}

function displaySize(source: Size): Size {
  const scale = Math.min(1, CAPTURE_LIMITS.displayWidthPx / source.width)
  const even = (length: number) => Math.max(2, 2 * Math.floor(length / 2))
  return { width: even(source.width * scale), height: even(Math.round(source.height * scale)) }
}
