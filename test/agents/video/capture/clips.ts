import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'

const execute = promisify(execFile)

export const tools = await findFfmpeg()
/** For `t.test` options. */
export const skip = tools ? false : 'there is no ffmpeg on this machine'

/** A file that ffmpeg makes, by what every build of it has. */
export async function makeFile(t: Test, name: string, args: readonly string[]): Promise<string> {
  const path = join(t.testdir(), name)
  await execute(tools!.ffmpeg, ['-v', 'error', '-y', ...args, path])
  return path
}

/** A test picture that moves, as MPEG-4 in whatever the name says. */
export function picture(about: { size?: string; fps?: number; seconds?: number } = {}): string[] {
  const { size = '320x180', fps = 10, seconds = 3 } = about
  const source = `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`
  return ['-f', 'lavfi', '-i', source, '-c:v', 'mpeg4', '-q:v', '5']
}

export async function makeClip(
  t: Test,
  about: Parameters<typeof picture>[0] = {},
  name = 'clip.mp4',
): Promise<Buffer> {
  return readFile(await makeFile(t, name, picture(about)))
}

/** What ffmpeg says about a file. */
export async function describe(path: string): Promise<string> {
  const run = await execute(tools!.ffmpeg, ['-hide_banner', '-i', path, '-f', 'null', '-'])
  return run.stderr
}

/** Whether this ffmpeg can make H.264. */
export async function hasX264(): Promise<boolean> {
  if (!tools) return false
  const { stdout } = await execute(tools.ffmpeg, ['-v', 'error', '-encoders'])
  return / libx264 /.test(stdout)
}

/** One picture, as a camera gives it. */
export async function jpeg(size = '320x180'): Promise<Buffer> {
  const args = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}`, '-frames:v', '1']
  const options = { encoding: 'buffer', maxBuffer: 2 ** 24 } as const
  return (await execute(tools!.ffmpeg, [...args, '-f', 'mjpeg', 'pipe:1'], options)).stdout
}
