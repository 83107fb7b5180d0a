import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CAPTURE_LIMITS } from '../limits.ts'
import { endProcess } from '../program/end-process.ts'
import type { FfmpegBuild } from '../program/ffmpeg-build.ts'
import { createPrivateFolder } from '../program/private-folder.ts'
import { collectStderrTail, lastErrorLine } from '../program/stderr-tail.ts'

export interface ClipFormat {
  width: number
  height: number
  /** Frames a second that the clip is played at. */
  fps: number
}

/** An MP4 while it is made. */
export interface ClipEncoder {
  /** Resolves when the encoder wants more; false when it has ended. */
  write(rgb: Uint8Array): Promise<boolean>
  /** The clip. @throws Error with what the encoder complained about */
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
    ...['-r', format.fps.toFixed(3), '-i', 'pipe:0'],
    ...['-c:v', ...codec, '-threads', '1', '-pix_fmt', 'yuv420p'],
    // The index first, so that players can begin before they have all of it.
    ...['-movflags', '+faststart', '-fs', String(CAPTURE_LIMITS.clipBytes), '-f', 'mp4', `file:${path}`],
  ]
}

export async function startClipEncoder(
  ffmpeg: string,
  build: FfmpegBuild,
  format: ClipFormat,
): Promise<ClipEncoder> {
  const folder = await createPrivateFolder()
  const path = join(folder.path, 'clip.mp4')
  const child = spawn(ffmpeg, clipArguments(format, build.hasX264, path), {
    env: {},
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const stderrTail = collectStderrTail(child.stderr)
  let isOver = false
  const closed = new Promise<number | null>((resolve) => {
    const over = (code: number | null) => {
      isOver = true
      resolve(code)
    }
    child.once('close', over)
    child.once('error', () => over(null))
  })
  // It ends by itself at the size limit.
  child.stdin.on('error', () => undefined)
  return {
    async write(rgb) {
      if (isOver || child.stdin.destroyed) return false
      if (child.stdin.write(rgb)) return true
      const drained = new Promise<void>((resolve) => child.stdin.once('drain', resolve))
      await Promise.race([drained, closed])
      return !isOver
    },
    async finish() {
      child.stdin.end()
      const code = await closed
      if (code !== 0) throw new Error(`the clip could not be made: ${lastErrorLine(stderrTail.text())}`)
      return readFile(path)
    },
    async discard() {
      child.stdin.destroy()
      if (!isOver) await endProcess(child, closed)
      await folder.remove()
    },
  }
}
