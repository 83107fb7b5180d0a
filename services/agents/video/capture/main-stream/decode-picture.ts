import { spawn } from 'node:child_process'
import type { YuvPicture } from '../../pictures/picture.ts'
import type { Size } from '../decode/decode-plan.ts'
import type { StreamPart } from './fragment-ring.ts'

/** A group of pictures of a large camera takes some hundred milliseconds; who asked has waited long enough then. */
const TIMEOUT_MS = 1500

/** ffmpeg's arguments: one picture of a part of a stream on the standard input. Pure. */
export function pictureArguments(
  { seconds }: Pick<StreamPart, 'seconds'>,
  { width, height }: Size,
): string[] {
  return [
    ...['-hide_banner', '-v', 'error', '-nostats', '-threads', '2'],
    ...['-protocol_whitelist', 'pipe', '-format_whitelist', 'mov,mp4,m4a,3gp,3g2,mj2', '-f', 'mp4'],
    ...['-i', 'pipe:0', '-map', '0:V:0', '-ss', seconds.toFixed(3), '-frames:v', '1'],
    ...['-vf', `scale=${width}:${height}:flags=bilinear,format=yuv420p`, '-f', 'rawvideo', 'pipe:1'],
  ]
}

/** A picture of a part of a stream; undefined when none can be had, or not in time. Never rejects. */
export function decodePicture(ffmpeg: string, part: StreamPart, size: Size): Promise<YuvPicture | undefined> {
  const wanted = (size.width * size.height * 3) / 2
  return new Promise((resolve) => {
    const child = spawn(ffmpeg, pictureArguments(part, size), {
      ...{ env: {}, stdio: ['pipe', 'pipe', 'ignore'], timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
    })
    const parts: Buffer[] = []
    let bytes = 0
    child.stdout?.on('data', (data: Buffer) => {
      bytes += data.length
      if (bytes <= wanted) parts.push(data)
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(part.bytes)
    child.once('error', () => resolve(undefined))
    child.once('close', () =>
      resolve(bytes === wanted ? { ...size, yuv420p: Buffer.concat(parts) } : undefined),
    )
  })
}
