import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { binaryCache } from '../project-paths.ts'
import { isExecutable } from './find-binary.ts'
import { isAtLeast, type Report, type ServerBinary } from './server-source.ts'

const MANIFEST = 'murmur.json'

/** What is noted beside an unpacked binary; paths are relative to its folder. */
interface Manifest {
  path: string
  version: string
  origin: string
  libraryPath?: string
}

/** The binary in the cache under a name, or nothing when it isn't there or isn't whole. */
export function readCachedBinary(name: string, env?: NodeJS.ProcessEnv): ServerBinary | undefined {
  const folder = join(binaryCache(env), name)
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest
  } catch {
    // Not fetched yet. (The manifest is written before the folder gets its name, so it is never half there.)
    return undefined
  }
  const binary = fromManifest(folder, manifest)
  return isExecutable(binary.path) ? binary : undefined
}

const DAY_MS = 86_400_000
/** A distribution mends its packages without a new version: after so long, its newest is fetched. */
const MAX_PACKAGE_AGE_MS = 30 * DAY_MS

/**
 * Whether a newer one is to be fetched: a release that is older than the one that this version of Murmuration pins (how a security fix
 * of a release comes to those who have an old one), or a package of a month ago.
 */
export function isOutdated(name: string, pinned: string | undefined, env?: NodeJS.ProcessEnv): boolean {
  const cached = readCachedBinary(name, env)
  if (!cached) return false
  if (cached.origin.startsWith('official release'))
    return pinned !== undefined && !isAtLeast(cached.version, pinned)
  return Date.now() - statSync(manifestOf(name, env)).mtimeMs > MAX_PACKAGE_AGE_MS
}

/** An outdated one that nothing newer could be fetched for: it is used, and asked for again tomorrow. */
export function keepOutdated(
  name: string,
  report: Report,
  env?: NodeJS.ProcessEnv,
): ServerBinary | undefined {
  const cached = readCachedBinary(name, env)
  if (!cached) return undefined
  report(
    `${name}: ${cached.version} of the cache is OUTDATED and may lack security fixes; none newer could be fetched`,
  )
  const askAgainS = (Date.now() - MAX_PACKAGE_AGE_MS + DAY_MS) / 1000
  if (!cached.origin.startsWith('official release')) utimesSync(manifestOf(name, env), askAgainS, askAgainS)
  return cached
}

function manifestOf(name: string, env?: NodeJS.ProcessEnv): string {
  return join(binaryCache(env), name, MANIFEST)
}

/**
 * Fills a folder by `fill` and gives it its name in one step, so that two processes that fetch at once both
 * end with a whole binary: who comes second throws its own away. `fill` may decline by returning nothing.
 * @param options.replaces takes the place of the one that is there; a server that runs keeps the file that it was started from
 */
export async function addToCache(
  name: string,
  env: NodeJS.ProcessEnv,
  fill: (folder: string) => Promise<Manifest | undefined>,
  options: { replaces?: boolean } = {},
): Promise<ServerBinary | undefined> {
  const cache = binaryCache(env)
  mkdirSync(cache, { recursive: true })
  const scratch = mkdtempSync(join(cache, `.${name}-`))
  try {
    const manifest = await fill(scratch)
    if (manifest === undefined) return undefined
    writeFileSync(join(scratch, MANIFEST), JSON.stringify(manifest))
    if (options.replaces) rmSync(join(cache, name), { recursive: true, force: true })
    return publish(scratch, name, env) ?? fromManifest(join(cache, name), manifest)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Renames into place; returns the other process's binary when that one was there first. */
function publish(scratch: string, name: string, env: NodeJS.ProcessEnv): ServerBinary | undefined {
  const target = join(binaryCache(env), name)
  const present = readCachedBinary(name, env)
  if (present) return present
  // What is there without being usable is the rest of an older cache.
  rmSync(target, { recursive: true, force: true })
  try {
    renameSync(scratch, target)
    return undefined
  } catch (error) {
    const theirs = readCachedBinary(name, env)
    if (theirs === undefined) throw error
    return theirs
  }
}

function fromManifest(folder: string, manifest: Manifest): ServerBinary {
  const locate = (path: string) => (isAbsolute(path) ? path : join(folder, path))
  return {
    kind: 'binary',
    path: locate(manifest.path),
    version: manifest.version,
    origin: manifest.origin,
    ...(manifest.libraryPath !== undefined && { libraryPath: locate(manifest.libraryPath) }),
  }
}
