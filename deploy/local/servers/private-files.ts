import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const PRIVATE_FOLDER = 0o700
/** Nothing for the group and for others. */
const PRIVATE_UMASK = 0o077
/** What tasks and cameras have said is in all of them. */
const FOLDERS = ['data', 'logs', 'run']

/**
 * What this process and those that it starts (NATS, Redis, the services) write from now on is for its user alone: files 0600, folders
 * 0700. Folders that an earlier version has left more open are closed.
 */
export function keepPrivate(home: string): void {
  process.umask(PRIVATE_UMASK)
  for (const folder of FOLDERS) makePrivateFolder(join(home, folder))
}

/** Makes a folder that only its owner may enter, or makes one so that is there. @throws Error where it belongs to somebody else */
export function makePrivateFolder(folder: string): void {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER })
  chmodSync(folder, PRIVATE_FOLDER)
}
