import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const REQUEST_TIMEOUT_MS = 4_000
const DOWNLOAD_TIMEOUT_MS = 60_000

const VERSION = '2.15.0'
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** SHA-256 of the release's archives, as in its SHA256SUMS. A new version needs new sums here. */
const SHA256: Readonly<Record<string, string>> = {
  'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
  'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
  'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
  'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
}

export interface OfficialRelease {
  version: string
  url: string
  sha256: string
  /** Name of the folder inside the archive. */
  stem: string
}

/** The pinned nats-server release for a platform; nothing for one that has no pinned sum. */
export function officialNatsRelease(
  platform: NodeJS.Platform = process.platform,
  architecture: NodeJS.Architecture = process.arch,
): OfficialRelease | undefined {
  const target = `${platform}-${ARCHITECTURES[architecture]}`
  const sha256 = SHA256[target]
  if (sha256 === undefined) return undefined
  const stem = `nats-server-v${VERSION}-${target}`
  const url = `https://github.com/nats-io/nats-server/releases/download/v${VERSION}/${stem}.tar.gz`
  return { version: VERSION, url, sha256, stem }
}

/** Downloads, verifies and unpacks a release; the path of the program, relative to the folder. */
export async function fetchRelease(release: OfficialRelease, folder: string): Promise<string> {
  const archive = await download(release.url)
  const sum = createHash('sha256').update(archive).digest('hex')
  if (sum !== release.sha256) throw new Error(`checksum ${sum} is not the pinned ${release.sha256}`)
  const file = join(folder, 'release.tar.gz')
  writeFileSync(file, archive)
  const program = `${release.stem}/nats-server`
  await execute('tar', ['-xzf', file, '-C', folder, program])
  return program
}

/** Offline must cost seconds, a slow line may take its time: so the answer and the body are timed apart. */
async function download(url: string): Promise<Buffer> {
  const abort = new AbortController()
  const giveUp = (afterMs: number, what: string) =>
    setTimeout(() => abort.abort(new Error(`${what} within ${afterMs / 1_000} s`)), afterMs)
  let timer = giveUp(REQUEST_TIMEOUT_MS, 'no answer')
  try {
    const response = await fetch(url, { signal: abort.signal })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    clearTimeout(timer)
    timer = giveUp(DOWNLOAD_TIMEOUT_MS, 'not downloaded')
    return Buffer.from(await response.arrayBuffer())
  } finally {
    clearTimeout(timer)
  }
}
