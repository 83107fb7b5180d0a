import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { addToCache, readCachedBinary } from '../../../deploy/local/servers/binary-cache.ts'
import { findOnPath, firstFound, inspectBinary } from '../../../deploy/local/servers/find-binary.ts'
import { isAtLeast, type Report, type ServerBinary } from '../../../deploy/local/servers/server-source.ts'
import { natsRelease } from './nats-release.ts'
import { unzipEntry } from './unzip-entry.ts'

const CACHE_NAME = 'nats-cli'
/** The first whose `bench` has commands of its own for JetStream and services. */
const OLDEST = '0.2'
const REQUEST_TIMEOUT_MS = 60_000

/** What helps where no `nats` program can be had. */
export const NATS_PROGRAM_HELP = `Any one of these helps:
  go install github.com/nats-io/natscli/nats@v0.5.0
  brew install nats-io/nats-tools/nats                                (macOS, Linux with Homebrew)
  download it from https://github.com/nats-io/natscli/releases and set MURMUR_NATS_CLI=/path/to/nats`

/**
 * The `nats` program: what MURMUR_NATS_CLI names, PATH, where `go install` puts it, the cache, the pinned release. Undefined where none
 * can be had; each place that was looked at is one line of the report.
 * @param mayFetch without it nothing is downloaded
 * @throws Error when MURMUR_NATS_CLI names something that does not run
 */
export async function findNatsProgram(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
  mayFetch = true,
): Promise<ServerBinary | undefined> {
  const named = env.MURMUR_NATS_CLI
  if (named) {
    const binary = await inspectBinary(named, 'MURMUR_NATS_CLI', isUsable)
    // Whoever names one wants that one.
    if (typeof binary === 'string') throw new Error(`MURMUR_NATS_CLI: ${binary}`)
    report(`nats: ${binary.version}, ${binary.origin}`)
    return binary
  }
  const goPath = env.GOBIN ?? join(env.GOPATH ?? join(homedir(), 'go'), 'bin')
  const places = [
    { name: 'PATH', locate: () => at(findOnPath(['nats'], env), 'PATH') },
    {
      name: 'go install',
      locate: () => at(findOnPath(['nats'], { PATH: goPath }), 'go install'),
    },
    { name: 'cache', locate: async () => readCachedBinary(CACHE_NAME, env) ?? 'nothing there yet' },
    ...(mayFetch ? [{ name: 'pinned release', locate: () => fetched(env) }] : []),
  ]
  return firstFound('nats', places, report)
}

async function at(path: string | undefined, origin: string): Promise<ServerBinary | string> {
  return path === undefined ? 'no nats' : inspectBinary(path, `${origin} (${path})`, isUsable)
}

async function fetched(env: NodeJS.ProcessEnv): Promise<ServerBinary | string> {
  const release = natsRelease()
  if (!release) return `none pinned for ${process.platform} ${process.arch}`
  const added = await addToCache(CACHE_NAME, env, async (folder) => {
    const response = await fetch(release.url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    const archive = Buffer.from(await response.arrayBuffer())
    const sum = createHash('sha256').update(archive).digest('hex')
    if (sum !== release.sha256) throw new Error(`checksum ${sum} is not the pinned ${release.sha256}`)
    writeFileSync(join(folder, 'nats'), unzipEntry(archive, release.entry), { mode: 0o755 })
    return { path: 'nats', version: release.version, origin: 'pinned release, in the cache' }
  })
  return added ?? 'declined'
}

function isUsable(version: string): boolean {
  return isAtLeast(version, OLDEST)
}
