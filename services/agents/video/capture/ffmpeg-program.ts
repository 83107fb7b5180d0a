import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'

const execute = promisify(execFile)
const TIMEOUT_MS = 10_000

/** The ffmpeg that is used, and what it can do. */
export interface FfmpegProgram {
  path: string
  version: readonly [major: number, minor: number]
  /** Whether it has libx264. */
  hasX264: boolean
}

const known = new Map<string, Promise<FfmpegProgram>>()

/**
 * Each program is asked once a process.
 * @throws MurmurError UNSUPPORTED_FORMAT when there is none; Error when it does not run
 */
export async function findFfmpegProgram(
  findTools: () => Promise<FfmpegTools | undefined>,
): Promise<FfmpegProgram> {
  const tools = await findTools()
  if (!tools) {
    const ways = 'install it (apt-get install ffmpeg, brew install ffmpeg) or set MURMUR_FFMPEG to its path'
    throw new MurmurError('UNSUPPORTED_FORMAT', `video can't be read, there is no ffmpeg here: ${ways}`)
  }
  const path = tools.ffmpeg
  let program = known.get(path)
  if (!program) {
    program = queryProgram(path)
    known.set(path, program)
    program.catch(() => known.delete(path))
  }
  return program
}

async function queryProgram(path: string): Promise<FfmpegProgram> {
  const run = (flag: string) => execute(path, ['-hide_banner', flag], { timeout: TIMEOUT_MS, env: {} })
  const [version, encoders] = await Promise.all([run('-version'), run('-encoders')])
  return { path, ...parseBuild(version.stdout, encoders.stdout) }
}

/** From what ffmpeg prints for `-version` and `-encoders`. Pure. */
export function parseBuild(version: string, encoders: string): Omit<FfmpegProgram, 'path'> {
  // Builds from a commit have no number: they are newer than any that differ here.
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(version) ?? [undefined, '99', '0']
  return { version: [Number(major), Number(minor)], hasX264: /^ V\S* libx264 /m.test(encoders) }
}
