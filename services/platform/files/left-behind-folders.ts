import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIMITS } from '#schemas/limits.ts'

/** Of the hash of where processes run: enough to tell machines and containers that share a folder apart. */
const PLACE_CHARACTERS = 8

/**
 * What to call private folders that are cleared up after a crash: ids of processes mean something only where they were given, so
 * the machine and the container stand in the name, too.
 */
export function ownFolderPurpose(purpose: string): string {
  return `${purpose}-${ownPlace()}`
}

/**
 * Removes the private folders (`createPrivateFolder(ownFolderPurpose(…))`) that processes have left behind which ended without a
 * word. To be called before this process makes any: one that has its id is of an earlier process. Those of another machine or
 * container are removed when they are older than any step can be.
 * @param options.folder where they lie, by default the one for temporary files
 * @returns how many were removed; what can't be removed is left
 */
export async function removeLeftBehindFolders(
  purpose: string,
  options: { nowMs: number; folder?: string },
): Promise<number> {
  const folder = options.folder ?? tmpdir()
  const form = new RegExp(`^murmur-${purpose}-([0-9a-f]{${PLACE_CHARACTERS}})-(\\d+)-[^-]+$`)
  const names = await readdir(folder).catch((): string[] => [])
  let removed = 0
  for (const name of names) {
    const [, place, pid] = form.exec(name) ?? []
    if (place === undefined) continue
    const path = join(folder, name)
    const isLeft =
      place === ownPlace()
        ? Number(pid) === process.pid || !isRunning(Number(pid))
        : await isOld(path, options.nowMs)
    if (isLeft && (await isRemoved(path))) removed++
  }
  return removed
}

let known: string | undefined

function ownPlace(): string {
  known ??= createHash('sha256')
    .update(`${hostname()} ${processNamespace()}`)
    .digest('hex')
    .slice(0, PLACE_CHARACTERS)
  return known
}

/** Linux has a name for the space in which ids of processes count; elsewhere a machine has one of them. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's is running.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isOld(path: string, nowMs: number): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && nowMs - stats.mtimeMs > LIMITS.stepTimeoutMs
}

async function isRemoved(path: string): Promise<boolean> {
  return rm(path, { recursive: true }).then(
    () => true,
    () => false,
  )
}
