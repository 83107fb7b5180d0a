import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that only this user can enter. */
export interface PrivateFolder {
  readonly path: string
  /** Removes it with everything in it. */
  remove(): Promise<void>
}

/** @param purpose stands in its name, before the id of the process: what is left after a crash can be told apart */
export async function createPrivateFolder(purpose: string): Promise<PrivateFolder> {
  const path = await mkdtemp(join(tmpdir(), `murmur-${purpose}-${process.pid}-`)) // mode 0700
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A file in a private folder of its own. */
export interface PrivateFile {
  readonly path: string
  /** Removes it with its folder. */
  remove(): Promise<void>
}

/** Videos need a file rather than a pipe: their index often stands at the end. Leaves nothing behind when it fails. */
export async function createPrivateFile(purpose: string, bytes: Uint8Array): Promise<PrivateFile> {
  const folder = await createPrivateFolder(purpose)
  try {
    const path = join(folder.path, 'source')
    await writeFile(path, bytes, { mode: 0o600 })
    return { path, remove: folder.remove }
  } catch (error) {
    await folder.remove()
    throw error
  }
}
