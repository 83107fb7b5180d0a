import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../project-paths.ts'
import { SetupError } from '../setup-error.ts'
import { aptInstall } from './apt.ts'
import { type Attempt, findOnPath, firstFound, isExecutable, versionOf } from './find-binary.ts'
import type { Report } from './server-source.ts'

const execute = promisify(execFile)
const DOWNLOAD_TIMEOUT_MS = 60_000
const PACKAGE = join(projectRoot, 'node_modules', 'ffmpeg-static')
const PACKAGED = join(PACKAGE, 'ffmpeg')

/** What reads video. ffprobe may be missing: the npm package brings ffmpeg alone. */
export interface MediaTools {
  ffmpeg: string
  ffprobe: string | undefined
  version: string
  origin: string
}

const WAYS_OUT = `Only video needs it. Any one of these helps:
  brew install ffmpeg                                                 (macOS, Linux with Homebrew)
  apt-get install ffmpeg                                              (as root)
  set MURMUR_FFMPEG=/path/to/ffmpeg`

/** ffmpeg: what the environment names, PATH, the npm package, and — as root — installed on the system. */
export async function resolveFfmpeg(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<MediaTools> {
  if (env.MURMUR_FFMPEG) {
    const named = await inspect(env.MURMUR_FFMPEG, 'named by MURMUR_FFMPEG', env)
    if (typeof named === 'string') {
      throw new SetupError('FFMPEG_NOT_FOUND', `MURMUR_FFMPEG: ${named}.`, WAYS_OUT)
    }
    report(`ffmpeg: ${named.version}, ${named.origin}`)
    return named
  }
  const found = await firstFound('ffmpeg', attempts(env, report), report)
  if (found) return found
  throw new SetupError('FFMPEG_NOT_FOUND', 'No ffmpeg was found, and none could be installed.', WAYS_OUT)
}

/** The part of the search that fetches and installs nothing; nothing when there is none, or none that runs. */
export async function locateFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<MediaTools | undefined> {
  const candidates = env.MURMUR_FFMPEG ? [env.MURMUR_FFMPEG] : [findOnPath(['ffmpeg'], env), PACKAGED]
  for (const path of candidates) {
    const tools = path === undefined ? 'none' : await inspect(path, path, env)
    if (typeof tools !== 'string') return tools
  }
  return undefined
}

function attempts(env: NodeJS.ProcessEnv, report: Report): Attempt<MediaTools>[] {
  return [
    { name: 'PATH', locate: async () => fromPath(env) },
    { name: 'npm package ffmpeg-static', locate: () => fromPackage(env) },
    { name: 'apt-get install ffmpeg', locate: () => installed(env, report) },
  ]
}

async function fromPath(env: NodeJS.ProcessEnv): Promise<MediaTools | string> {
  const path = findOnPath(['ffmpeg'], env)
  return path === undefined ? 'no ffmpeg' : inspect(path, `PATH (${path})`, env)
}

/** The package downloads its binary in an install script, which the bootstrap leaves out: see there. */
async function fromPackage(env: NodeJS.ProcessEnv): Promise<MediaTools | string> {
  const installScript = join(PACKAGE, 'install.js')
  if (!existsSync(installScript)) return 'not installed'
  if (!isExecutable(PACKAGED)) {
    await execute(process.execPath, [installScript], { cwd: PACKAGE, timeout: DOWNLOAD_TIMEOUT_MS, env })
  }
  return inspect(PACKAGED, 'npm package ffmpeg-static', env)
}

async function installed(env: NodeJS.ProcessEnv, report: Report): Promise<MediaTools | string> {
  report('ffmpeg: installing the distribution package on this system (up to a minute)')
  const refusal = await aptInstall(['ffmpeg'], env)
  return refusal ?? fromPath(env)
}

async function inspect(path: string, origin: string, env: NodeJS.ProcessEnv): Promise<MediaTools | string> {
  if (!isExecutable(path)) return 'not there'
  const version = await versionOf(path, { flag: '-version' })
  if (version === undefined) return `${path} does not run here`
  const candidates = [env.MURMUR_FFPROBE, join(dirname(path), 'ffprobe'), findOnPath(['ffprobe'], env)]
  const ffprobe = candidates.find((candidate) => candidate && isExecutable(candidate))
  return { ffmpeg: path, ffprobe, version, origin }
}
