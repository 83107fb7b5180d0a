import type { FrameHeader } from '#schemas/frame.ts'
import { type Frame, pixelBytes } from '../../../../services/agents/video/frames/frame-message.ts'

export function frame(about: Partial<FrameHeader> = {}): Frame {
  const header: FrameHeader = {
    v: 1,
    camera: 'yard',
    monitor: 'm1',
    epoch: 1,
    seq: 1,
    capturedAtMs: 0,
    atMs: 0,
    mediaMs: 0,
    pace: 'live',
    width: 64,
    height: 64,
    contentWidth: 64,
    contentHeight: 32,
    ...about,
  }
  return { header, planes: new Uint8Array(pixelBytes(header)) }
}
