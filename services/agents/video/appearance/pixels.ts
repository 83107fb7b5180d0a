import type { FrameHeader } from '#schemas/frame.ts'

/** What a frame has of pixels: planes of green, blue and red, in rows of `width`. */
export interface Pixels {
  header: Pick<FrameHeader, 'width' | 'contentWidth' | 'contentHeight'>
  planes: Uint8Array
}
