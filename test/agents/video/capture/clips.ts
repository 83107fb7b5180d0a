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
