import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const TIMEOUT_MS = 10_000

/** What this ffmpeg is and can. */
export interface FfmpegBuild {
  version: readonly [major: number, minor: number]
  /** Whether it has libx264. */
  hasX264: boolean
}

const known = new Map<string, Promise<FfmpegBuild>>()

/** Asked once a process. @throws Error when the program does not run */
export function readFfmpegBuild(ffmpeg: string): Promise<FfmpegBuild> {
  let build = known.get(ffmpeg)
  if (!build) {
    build = ask(ffmpeg)
    known.set(ffmpeg, build)
    build.catch(() => known.delete(ffmpeg))
  }
  return build
}

async function ask(ffmpeg: string): Promise<FfmpegBuild> {
  const run = (flag: string) => execute(ffmpeg, ['-hide_banner', flag], { timeout: TIMEOUT_MS, env: {} })
  const [version, encoders] = await Promise.all([run('-version'), run('-encoders')])
  // Builds from a commit have no number: they are newer than any that differ here.
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(version.stdout) ?? [undefined, '99', '0']
  return { version: [Number(major), Number(minor)], hasX264: /^ V\S* libx264 /m.test(encoders.stdout) }
}
