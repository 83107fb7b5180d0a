import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from '../setup-error.ts'
import { AptWorkspace, aptInstall, hasApt } from './apt.ts'
import { addToCache, isOutdated, keepOutdated, readCachedBinary } from './binary-cache.ts'
import { type Attempt, findOnPath, firstFound, inspectBinary, versionOf } from './find-binary.ts'
import { isAtLeast, type Report, type ServerBinary, type ServerSource } from './server-source.ts'

const CACHE_NAME = 'redis-server'
const OLDEST = '7.0'
const PROGRAMS = ['redis-server', 'valkey-server']
/** Debian splits the server in two packages; the program itself is in the tools. */
const PACKAGES = [
  { program: 'usr/bin/redis-server', server: 'redis-server', tools: 'redis-tools' },
  { program: 'usr/bin/valkey-server', server: 'valkey-server', tools: 'valkey-tools' },
]

const WAYS_OUT = `Any one of these helps:
  brew install redis                                                  (macOS, Linux with Homebrew)
  docker run -p 6379:6379 redis:7, then MURMUR_REDIS_URL=redis://127.0.0.1:6379
  install Redis or Valkey 7 or newer, and set MURMUR_REDIS_SERVER=/path/to/redis-server when it is not on PATH`

/**
 * A Redis or Valkey server: what the environment names, PATH, the cache, the distribution's packages unpacked
 * into the cache, and only then — as root — installed on the system.
 */
export async function resolveRedis(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServerSource> {
  const found =
    (await locateRedis(env, report)) ??
    (await firstFound('Redis', remotePlaces(env), report)) ??
    keepOutdated(CACHE_NAME, report, env)
  if (found) return found
  throw new SetupError(
    'REDIS_NOT_FOUND',
    'No Redis or Valkey server was found, and none could be fetched.',
    WAYS_OUT,
  )
}

/** The part of the search that fetches nothing. */
export async function locateRedis(
  env: NodeJS.ProcessEnv = process.env,
  report: Report = () => undefined,
): Promise<ServerSource | undefined> {
  const named = await namedByEnvironment(env)
  if (named === undefined) return firstFound('Redis', localPlaces(env), report)
  report(`Redis: ${named.kind === 'url' ? named.url : named.version}, named by the environment`)
  return named
}

async function namedByEnvironment(env: NodeJS.ProcessEnv): Promise<ServerSource | undefined> {
  if (env.MURMUR_REDIS_URL) return { kind: 'url', url: env.MURMUR_REDIS_URL }
  if (!env.MURMUR_REDIS_SERVER) return undefined
  // The test gate hands a binary of the cache on by its path; its libraries are noted beside it.
  const cached = readCachedBinary(CACHE_NAME, env)
  if (cached && isSameFile(cached.path, env.MURMUR_REDIS_SERVER)) return cached
  const binary = await inspectBinary(env.MURMUR_REDIS_SERVER, 'MURMUR_REDIS_SERVER', isUsable)
  if (typeof binary === 'string')
    throw new SetupError('REDIS_NOT_FOUND', `MURMUR_REDIS_SERVER: ${binary}.`, WAYS_OUT)
  return binary
}

function localPlaces(env: NodeJS.ProcessEnv): Attempt<ServerBinary>[] {
  return [
    { name: 'PATH', locate: async () => fromPath(env) },
    { name: 'cache', locate: async () => fromCache(env) },
  ]
}

function fromCache(env: NodeJS.ProcessEnv): ServerBinary | string {
  if (isOutdated(CACHE_NAME, undefined, env)) return 'outdated: a newer one is looked for'
  return readCachedBinary(CACHE_NAME, env) ?? 'nothing there yet'
}

function remotePlaces(env: NodeJS.ProcessEnv): Attempt<ServerBinary>[] {
  return [
    ...PACKAGES.map((packages) => ({
      name: `package ${packages.server}, unpacked`,
      locate: () => unpacked(packages, env),
    })),
    { name: 'apt-get install redis-server', locate: () => installed(env) },
  ]
}

async function fromPath(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  const path = findOnPath(PROGRAMS, env)
  return path === undefined ? `no ${PROGRAMS.join(' or ')}` : inspectBinary(path, `PATH (${path})`, isUsable)
}

async function unpacked(
  { program, server, tools }: (typeof PACKAGES)[number],
  env: NodeJS.ProcessEnv,
): Promise<ServerBinary | string> {
  if (!hasApt(env)) return 'no apt here'
  const scratch = mkdtempSync(join(tmpdir(), 'murmur-apt-'))
  try {
    const added = await addToCache(
      CACHE_NAME,
      env,
      async (folder) => {
        const apt = new AptWorkspace(scratch)
        await apt.update()
        await apt.unpack([server, tools, ...(await apt.missingLibraries(tools))], folder)
        const libraryPath = libraryFolder(folder)
        const version = await versionOf(join(folder, program), {
          libraryPath: libraryPath && join(folder, libraryPath),
        })
        if (version === undefined || !isUsable(version)) return undefined
        return {
          path: program,
          version,
          origin: `package ${server}, in the cache`,
          ...(libraryPath && { libraryPath }),
        }
      },
      { replaces: isOutdated(CACHE_NAME, undefined, env) },
    )
    return added ?? `unpacked, but it does not run here or is older than ${OLDEST}`
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Debian's libraries lie in a folder named after the architecture, `usr/lib/x86_64-linux-gnu`. */
function libraryFolder(root: string): string | undefined {
  const entries = readdirSync(join(root, 'usr'), { withFileTypes: true })
  if (!entries.some((entry) => entry.name === 'lib')) return undefined
  const triplet = readdirSync(join(root, 'usr', 'lib')).find((name) => name.includes('-linux-'))
  return triplet && join('usr', 'lib', triplet)
}

async function installed(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  const refusal = await aptInstall(['redis-server'], env)
  return refusal ?? fromPath(env)
}

function isUsable(version: string): boolean {
  return isAtLeast(version, OLDEST)
}

/** Whether both lead to the same file: a cache may be linked to from another home. */
function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other)
  } catch {
    return false
  }
}
