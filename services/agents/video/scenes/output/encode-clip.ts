import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { SceneTruth } from '#schemas/scene-truth.ts'
import type { ScenarioRenderer, ScenarioRenderOptions } from '../scenarios/scenario-renderer.ts'
import { streamFrames } from './y4m-stream.ts'

const ENCODING = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-crf',
  '22',
  '-pix_fmt',
  'yuv420p',
  '-movflags',
  '+faststart',
]

/**
 * Draws a scenario into a video file.
 * @throws MurmurError UNAVAILABLE when there is no ffmpeg or it fails
 */
export async function encodeClip(
  renderer: ScenarioRenderer,
  size: ScenarioRenderOptions,
  file: string,
): Promise<SceneTruth> {
  const tools = await findFfmpeg()
  if (!tools) throw new MurmurError('UNAVAILABLE', 'there is no ffmpeg to write a clip with')
  const args = [
    '-hide_banner',
    '-loglevel',
    'error',
    '-y',
    '-f',
    'yuv4mpegpipe',
    '-i',
    'pipe:0',
    ...ENCODING,
    file,
  ]
  const child = spawn(tools.ffmpeg, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let errorText = ''
  child.stderr.on('data', (part: Buffer) => {
    errorText = (errorText + part.toString()).slice(-2000)
  })
  const ended = once(child, 'close')
  // A broken pipe is reported by the exit code, with ffmpeg's own message.
  const broken = new Promise<never>((_, reject) => child.stdin.on('error', reject))
  try {
    const truth = await Promise.race([streamFrames(renderer, child.stdin, { size }), broken])
    child.stdin.end()
    const [code] = await ended
    if (code === 0) return truth
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    throw new MurmurError('UNAVAILABLE', `ffmpeg could not write the clip: ${errorText.trim()}`, {
      cause: error,
    })
  }
  throw new MurmurError('UNAVAILABLE', `ffmpeg could not write the clip: ${errorText.trim()}`)
}
