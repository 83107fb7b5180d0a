import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from '../setup-error.ts'
import { AptWorkspace, distributionId, hasApt, readMirror } from './apt.ts'
import { addToCache, isOutdated, keepOutdated, readCachedBinary } from './binary-cache.ts'
import { type Attempt, findOnPath, firstFound, inspectBinary, versionOf } from './find-binary.ts'
import { fetchRelease, officialNatsRelease } from './official-release.ts'
import { isAtLeast, type Report, type ServerBinary, type ServerSource } from './server-source.ts'

const CACHE_NAME = 'nats-server'
const OLDEST = '2.9'
const FULL = '2.10'
const PROGRAM = 'usr/sbin/nats-server'

const WAYS_OUT = `Any one of these helps:
  brew install nats-server                                            (macOS, Linux with Homebrew)
  docker run -p 4222:4222 nats:2.14 -js, then MURMUR_NATS_URL=nats://127.0.0.1:4222
  download it from https://github.com/nats-io/nats-server/releases and set MURMUR_NATS_SERVER=/path/to/nats-server`

/**
 * A NATS server: what the environment names, PATH, the cache, the official release, Debian's testing suite,
 * the distribution's own package. What is fetched goes to the cache; the system is not touched.
 */
export async function resolveNats(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServerSource> {
  const found =
    (await locateNats(env, report)) ??
    (await firstFound('NATS', remotePlaces(env), report)) ??
    keepOutdated(CACHE_NAME, report, env)
  if (found === undefined) {
    throw new SetupError('NATS_NOT_FOUND', 'No NATS server was found, and none could be fetched.', WAYS_OUT)
  }
  if (found.kind === 'binary' && !isAtLeast(found.version, FULL)) {
    report(
      `NATS: ${found.version} is older than ${FULL}: good for trying things out, not for keeping what matters`,
    )
  }
  return found
}

/** The part of the search that fetches nothing. */
export async function locateNats(
  env: NodeJS.ProcessEnv = process.env,
  report: Report = () => undefined,
): Promise<ServerSource | undefined> {
  const named = await namedByEnvironment(env)
  if (named === undefined) return firstFound('NATS', localPlaces(env), report)
  report(`NATS: ${named.kind === 'url' ? named.url : named.version}, named by the environment`)
  return named
}

async function namedByEnvironment(env: NodeJS.ProcessEnv): Promise<ServerSource | undefined> {
  if (env.MURMUR_NATS_URL) return { kind: 'url', url: env.MURMUR_NATS_URL }
  if (!env.MURMUR_NATS_SERVER) return undefined
  const binary = await inspectBinary(env.MURMUR_NATS_SERVER, 'MURMUR_NATS_SERVER', isUsable)
  // Whoever names a server wants that one: quietly taking another would hide the mistake.
  if (typeof binary === 'string')
    throw new SetupError('NATS_NOT_FOUND', `MURMUR_NATS_SERVER: ${binary}.`, WAYS_OUT)
  return binary
}

function localPlaces(env: NodeJS.ProcessEnv): Attempt<ServerBinary>[] {
  return [
    { name: 'PATH', locate: async () => fromPath(env) },
    { name: 'cache', locate: async () => fromCache(env) },
  ]
}

function fromCache(env: NodeJS.ProcessEnv): ServerBinary | string {
  if (isOutdated(CACHE_NAME, officialNatsRelease()?.version, env))
    return 'outdated: a newer one is looked for'
  return readCachedBinary(CACHE_NAME, env) ?? 'nothing there yet'
}

function remotePlaces(env: NodeJS.ProcessEnv): Attempt<ServerBinary>[] {
  return [
    { name: 'official release', locate: () => fromRelease(env) },
    { name: "Debian's testing suite", locate: () => fromDebianTesting(env) },
    { name: "the distribution's package", locate: () => fromDistribution(env) },
  ]
}

async function fromPath(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  const path = findOnPath(['nats-server'], env)
  return path === undefined ? 'no nats-server' : inspectBinary(path, `PATH (${path})`, isUsable)
}

async function fromRelease(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  const release = officialNatsRelease()
  if (release === undefined) return `none pinned for ${process.platform} ${process.arch}`
  const added = await addToCache(
    CACHE_NAME,
    env,
    async (folder) => {
      const path = await fetchRelease(release, folder)
      return { path, version: release.version, origin: 'official release, in the cache' }
    },
    replacing(env),
  )
  return added ?? 'declined'
}

async function fromDebianTesting(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  if (!hasApt(env)) return 'no apt here'
  if (distributionId() !== 'debian') return 'not on Debian'
  const mirror = readMirror()
  if (mirror === undefined) return "apt's sources name no Debian mirror with an installed keyring"
  return fromApt(
    env,
    "Debian's testing suite",
    (folder) => new AptWorkspace(folder, { mirror, name: 'testing' }),
  )
}

async function fromDistribution(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  if (!hasApt(env)) return 'no apt here'
  return fromApt(env, "the distribution's package", (folder) => new AptWorkspace(folder))
}

async function fromApt(
  env: NodeJS.ProcessEnv,
  origin: string,
  open: (folder: string) => AptWorkspace,
): Promise<ServerBinary | string> {
  const scratch = mkdtempSync(join(tmpdir(), 'murmur-apt-'))
  try {
    const added = await addToCache(
      CACHE_NAME,
      env,
      async (folder) => {
        const apt = open(scratch)
        await apt.update()
        await apt.unpack(['nats-server'], folder)
        const version = await versionOf(join(folder, PROGRAM))
        return version && isUsable(version)
          ? { path: PROGRAM, version, origin: `${origin}, in the cache` }
          : undefined
      },
      replacing(env),
    )
    return added ?? 'unpacked, but it does not run here'
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function replacing(env: NodeJS.ProcessEnv): { replaces: boolean } {
  return { replaces: isOutdated(CACHE_NAME, officialNatsRelease()?.version, env) }
}

function isUsable(version: string): boolean {
  return isAtLeast(version, OLDEST)
}
