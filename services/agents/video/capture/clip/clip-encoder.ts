import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMediaProcess } from '#platform/media/media-process.ts'
import { createPrivateFolder } from '#platform/media/private-folder.ts'
import { formatRational, type Rational } from '#platform/media/rational.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { FfmpegProgram } from '../ffmpeg-program.ts'
import { CAPTURE_LIMITS } from '../limits.ts'

export interface ClipFormat {
  width: number
  height: number
  /** Frames a second that the clip is played at. */
  rate: Rational
}

/** An MP4 while it is made. */
export interface ClipEncoder {
  /** Resolves when the encoder wants more; false when it has ended. */
  write(rgb: Uint8Array): Promise<boolean>
  /** The clip. @throws Error with the reason that the encoder gave */
  finish(): Promise<Buffer>
  /** Ends it and removes what was written; to be called in any case. */
  discard(): Promise<void>
}

/** ffmpeg's arguments to make a clip from RGB frames on stdin. Pure. */
export function clipArguments(format: ClipFormat, hasX264: boolean, path: string): string[] {
  const codec = hasX264 ? ['libx264', '-preset', 'veryfast', '-crf', '25'] : ['mpeg4', '-q:v', '4']
  return [
    ...['-hide_banner', '-v', 'error', '-nostats', '-y'],
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${format.width}x${format.height}`],
    ...['-r', formatRational(format.rate), '-i', 'pipe:0'],
    ...['-c:v', ...codec, '-threads', '1', '-pix_fmt', 'yuv420p'],
    // The index first, so that players can begin before they have all of it.
    ...['-movflags', '+faststart', '-fs', String(CAPTURE_LIMITS.clipBytes), '-f', 'mp4', `file:${path}`],
  ]
}

/** @throws Error when there is no room for a folder */
export async function startClipEncoder(ffmpeg: FfmpegProgram, format: ClipFormat): Promise<ClipEncoder> {
  const folder = await createPrivateFolder('capture')
  const path = join(folder.path, 'clip.mp4')
  const encoding = startMediaProcess(ffmpeg.path, clipArguments(format, ffmpeg.hasX264, path), {
    stdin: 'pipe',
    stdout: 'ignore',
  })
  const stdin = encoding.child.stdin!
  let isClosed = false
  const closed = encoding.closed
    .catch(() => null)
    .finally(() => {
      isClosed = true
    })
  // It ends by itself at the size limit.
  stdin.on('error', () => undefined)
  return {
    async write(rgb) {
      if (isClosed || stdin.destroyed) return false
      if (stdin.write(rgb)) return true
      const drained = new Promise<void>((resolve) => stdin.once('drain', resolve))
      await Promise.race([drained, closed])
      return !isClosed
    },
    async finish() {
      stdin.end()
      const code = await closed
      if (code !== 0) throw new Error(`the clip could not be made: ${lastErrorLine(encoding.stderrTail())}`)
      return readFile(path)
    },
    async discard() {
      stdin.destroy()
      if (!isClosed) await encoding.end()
      await folder.remove()
    },
  }
}
