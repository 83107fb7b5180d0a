import { access, constants, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { z } from 'zod'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'

/** Where the programs are that read video. */
export const FFMPEG_VARIABLES = {
  ffmpeg: {
    name: 'MURMUR_FFMPEG',
    meaning: 'The ffmpeg program that reads video. When it is named, no other is looked for.',
    unit: 'path',
    defaultNote: 'ffmpeg on PATH, else that of the npm package ffmpeg-static',
    schema: z.string(),
  },
  ffprobe: {
    name: 'MURMUR_FFPROBE',
    meaning: 'The ffprobe program; without one, ffmpeg itself tells what is in a video.',
    unit: 'path',
    defaultNote: 'ffprobe beside ffmpeg, else on PATH',
    schema: z.string(),
  },
} as const satisfies ConfigTable

/** The programs that read video, as paths. */
export interface FfmpegTools {
  ffmpeg: string
  ffprobe?: string
}

const found = new Map<string, Promise<FfmpegTools | undefined>>()

/** ffmpeg as configured, on PATH or from the npm package; undefined when there is none. Looked for once a process. */
export function findFfmpeg(env: Environment = process.env): Promise<FfmpegTools | undefined> {
  const key = [env.MURMUR_FFMPEG, env.MURMUR_FFPROBE, env.PATH].join('\n')
  let search = found.get(key)
  if (!search) {
    search = searchFfmpeg(env)
    found.set(key, search)
  }
  return search
}

async function searchFfmpeg(env: Environment): Promise<FfmpegTools | undefined> {
  const config = readConfig(FFMPEG_VARIABLES, env)
  const ffmpeg = await firstExecutable(
    config.ffmpeg ? [config.ffmpeg] : [...onPath('ffmpeg', env), ...packaged()],
  )
  if (ffmpeg === undefined) return undefined
  const ffprobe = await firstExecutable(
    config.ffprobe ? [config.ffprobe] : [join(dirname(ffmpeg), 'ffprobe'), ...onPath('ffprobe', env)],
  )
  return ffprobe === undefined ? { ffmpeg } : { ffmpeg, ffprobe }
}

function onPath(name: string, env: Environment): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, name))
}

/** The package is optional, and its install script may not have fetched the program: only the file counts. */
function packaged(): string[] {
  const folders = createRequire(import.meta.url).resolve.paths('ffmpeg-static') ?? []
  return folders.map((folder) => join(folder, 'ffmpeg-static', 'ffmpeg'))
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await isExecutable(path)) return path
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    // Missing, or not ours to run: both mean that it can't be used.
    return false
  }
}
