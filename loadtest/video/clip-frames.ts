import { spawn } from 'node:child_process'
import { type Frame, pixelBytes } from '../../services/agents/video/frames/frame-message.ts'

export interface ClipOptions {
  ffmpeg: string
  clip: string
  /** Of the picture that the network takes. */
  width: number
  height: number
  /** Of the clip, for the part of the picture that it fills. */
  sourceWidth: number
  sourceHeight: number
  fps: number
  /** The clip four times, two by two: everything half as large in its picture. */
  isMosaic?: boolean
  /** What ffmpeg is to do to the pictures before that: filters, as it takes them. */
  filter?: string
  /** Read so often, one after the other. */
  times?: number
}

const FOUR_TIMES = 'split=4[a][b][c][d];[a][b]hstack[t];[c][d]hstack[u];[t][u]vstack,'

/** The frames of a clip as a capture sends them, without anything between. */
export async function* clipFrames(options: ClipOptions): AsyncGenerator<Frame> {
  const { width, height, clip } = options
  const scale = Math.min(width / options.sourceWidth, height / options.sourceHeight)
  const contentWidth = Math.round(options.sourceWidth * scale)
  const contentHeight = Math.round(options.sourceHeight * scale)
  const before = options.filter === undefined ? '' : `${options.filter},`
  const filter = `${before}${options.isMosaic ? FOUR_TIMES : ''}scale=${contentWidth}:${contentHeight},pad=${width}:${contentHeight}:0:0:color=0x727272,format=gbrp`
  const child = spawn(
    options.ffmpeg,
    [
      '-v',
      'error',
      '-stream_loop',
      String((options.times ?? 1) - 1),
      '-i',
      clip,
      '-vf',
      filter,
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const frameBytes = pixelBytes({ width, contentHeight })
  let planes = new Uint8Array(frameBytes)
  let filled = 0
  let seq = 0
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(piece.length - at, frameBytes - filled)
      planes.set(piece.subarray(at, at + taken), filled)
      at += taken
      filled += taken
      if (filled < frameBytes) continue
      seq++
      const mediaMs = ((seq - 1) * 1000) / options.fps
      yield {
        planes,
        header: {
          v: 1,
          camera: 'clip',
          monitor: 'clip',
          epoch: 1,
          seq,
          capturedAtMs: mediaMs,
          atMs: mediaMs,
          mediaMs,
          pace: 'complete',
          width,
          height,
          contentWidth,
          contentHeight,
        },
      }
      planes = new Uint8Array(frameBytes)
      filled = 0
    }
  }
}
