import { readdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const GIB = 1024 ** 3
/** Room for three of the largest objects (`LIMITS.blobBytes`), which have a third of it. */
const MAX_GIB = 40
/** The least that an orchestrator takes (MURMUR_STORAGE_GIB). */
const MIN_GIB = 0.05
/** The disk is not ours alone. */
const SHARE_OF_FREE_DISK = 0.5

/** What the streams of local mode may fill, so that they never fill the disk: NATS would stop JetStream for good. GiB. */
export function streamStorageGib(home: string): number {
  const { bavail, bsize } = statfsSync(home)
  return storageOf({ freeBytes: bavail * bsize, usedBytes: folderBytes(join(home, 'data', 'nats')) })
}

/**
 * Half of what is free, within reason. What streams fill already counts as free: else each start would leave them less, until
 * they were full without having grown. Pure.
 */
export function storageOf(disk: { freeBytes: number; usedBytes: number }): number {
  const gib = ((disk.freeBytes + disk.usedBytes) / GIB) * SHARE_OF_FREE_DISK
  return Number(Math.min(MAX_GIB, Math.max(MIN_GIB, gib)).toFixed(2))
}

/** All files of a folder and of those in it; 0 where there is none. */
export function folderBytes(folder: string): number {
  let bytes = 0
  for (const name of namesIn(folder)) {
    // One that has gone since it was listed weighs nothing.
    const file = statSync(join(folder, name), { throwIfNoEntry: false })
    if (file?.isFile()) bytes += file.size
  }
  return bytes
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true }) as string[]
  } catch {
    return []
  }
}
