import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that only this user can enter. */
export interface PrivateFolder {
  path: string
  /** Removes it with everything in it. */
  remove(): Promise<void>
}

export async function createPrivateFolder(): Promise<PrivateFolder> {
  const path = await mkdtemp(join(tmpdir(), `murmur-capture-${process.pid}-`)) // mode 0700
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
