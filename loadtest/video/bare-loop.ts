import { spawn } from 'node:child_process'
import ort from 'onnxruntime-node'

export interface BareLoopOptions {
  ffmpeg: string
  clip: string
  model: string
  width: number
  height: number
  frames: number
}

/**
 * The yardstick: ffmpeg and onnxruntime in one process and nothing else — decode, scale, run, look at the scores. ffmpeg works
 * ahead as far as its pipe lets it, as it does in the product.
 * @returns frames a second
 */
export async function runBareLoop(options: BareLoopOptions): Promise<number> {
  const { width, height } = options
  const session = await ort.InferenceSession.create(options.model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  const input = session.inputNames[0]!
  const output = session.outputNames[0]!
  const plane = width * height
  const tensor = new Float32Array(plane * 3)
  const run = async () => {
    const results = await session.run({ [input]: new ort.Tensor('float32', tensor, [1, 3, height, width]) })
    return results[output]!
  }
  await run()
  const child = spawn(options.ffmpeg, ffmpegArguments(options), { stdio: ['ignore', 'pipe', 'ignore'] })
  let looked = 0
  const startedMs = performance.now()
  for await (const frame of framesOf(child.stdout, plane * 3)) {
    // Planes come as green, blue, red; the network wants blue, green, red.
    tensor.set(frame.subarray(plane, 2 * plane), 0)
    tensor.set(frame.subarray(0, plane), plane)
    tensor.set(frame.subarray(2 * plane), 2 * plane)
    countObjects(await run())
    if (++looked === options.frames) break
  }
  const seconds = (performance.now() - startedMs) / 1000
  child.kill('SIGKILL')
  await session.release()
  if (looked < options.frames) throw new Error(`the clip gave ${looked} frames of ${options.frames}`)
  return looked / seconds
}

function ffmpegArguments({ clip, width, height }: BareLoopOptions): string[] {
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=decrease`
  const filter = `${scale},pad=${width}:${height}:0:0:color=0x727272,format=gbrp`
  return ['-v', 'error', '-stream_loop', '-1', '-i', clip, '-vf', filter, '-f', 'rawvideo', 'pipe:1']
}

async function* framesOf(stream: NodeJS.ReadableStream, frameBytes: number): AsyncGenerator<Buffer> {
  let frame = Buffer.allocUnsafe(frameBytes)
  let filled = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let at = 0
    while (at < piece.length) {
      const taken = piece.copy(frame, filled, at)
      at += taken
      filled += taken
      if (filled < frameBytes) continue
      yield frame
      frame = Buffer.allocUnsafe(frameBytes)
      filled = 0
    }
  }
}

function countObjects(result: ort.Tensor): number {
  const data = result.data as Float32Array
  const row = result.dims.at(-1)!
  let objects = 0
  for (let at = 4; at < data.length; at += row) if (data[at]! > 0.35) objects++
  return objects
}
