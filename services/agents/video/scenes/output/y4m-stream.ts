import { once } from 'node:events'
import type { SceneFrame, SceneTruth } from '#schemas/scene-truth.ts'
import type { ScenarioRenderer, ScenarioRenderOptions } from '../scenarios/scenario-renderer.ts'

/** A stream of uncompressed pictures (yuv4mpeg2), as ffmpeg reads it from a pipe. */

/** @throws RangeError for an odd size: colour is stored for blocks of two by two pixels */
export function y4mHeader({ width, height, fps }: { width: number; height: number; fps: number }): string {
  if (width % 2 !== 0 || height % 2 !== 0) throw new RangeError('width and height must be even')
  const rate = Number.isInteger(fps) ? `${fps}:1` : `${Math.round(fps * 1000)}:1000`
  return `YUV4MPEG2 W${width} H${height} F${rate} Ip A1:1 C420jpeg\n`
}

const FRAME = Buffer.from('FRAME\n')

/** Bytes of a frame in the stream. */
export function y4mFrameBytes(width: number, height: number): number {
  return FRAME.length + (width * height * 3) / 2
}

/** A frame of the stream in a buffer of its own: BT.601, limited range. */
export function y4mFrame(pixels: Uint8Array, width: number, height: number): Buffer {
  const out = Buffer.allocUnsafe(y4mFrameBytes(width, height))
  FRAME.copy(out)
  const lumaAt = FRAME.length
  const blueAt = lumaAt + width * height
  const redAt = blueAt + (width * height) / 4
  let chroma = 0
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let red = 0
      let green = 0
      let blue = 0
      for (let k = 0; k < 4; k++) {
        const i = (y + (k >> 1)) * width + x + (k & 1)
        const r = pixels[i * 3]!
        const g = pixels[i * 3 + 1]!
        const b = pixels[i * 3 + 2]!
        out[lumaAt + i] = 16 + ((66 * r + 129 * g + 25 * b + 128) >> 8)
        red += r
        green += g
        blue += b
      }
      out[blueAt + chroma] = 128 + ((-38 * red - 74 * green + 112 * blue + 512) >> 10)
      out[redAt + chroma] = 128 + ((112 * red - 94 * green - 18 * blue + 512) >> 10)
      chroma++
    }
  }
  return out
}

/**
 * Writes all frames to a stream as fast as it takes them, from the start again for ever with `loop`.
 * @returns the truth, once the first round is through; `onTruth` hears it then too
 */
export async function streamFrames(
  renderer: ScenarioRenderer,
  out: NodeJS.WritableStream,
  {
    size,
    loop = false,
    onTruth,
  }: { size: ScenarioRenderOptions; loop?: boolean; onTruth?: (truth: SceneTruth) => Promise<void> },
): Promise<SceneTruth> {
  const write = async (part: string | Buffer) => {
    if (!out.write(part)) await once(out, 'drain')
  }
  await write(y4mHeader(size))
  const frames: SceneFrame[] = []
  let truth: SceneTruth | undefined
  do {
    for (let index = 0; index < renderer.frameCount; index++) {
      const { pixels, frame } = renderer.renderFrame(index)
      if (!truth) frames.push(frame)
      await write(y4mFrame(pixels, size.width, size.height))
    }
    truth ??= renderer.groundTruth(frames)
    await onTruth?.(truth)
    onTruth = undefined
  } while (loop)
  return truth
}
