import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const KEY_BYTES = 32

/** A text for MURMUR_SEAL_KEYS. */
export function newSealKeys(): string {
  return `k1:${randomBytes(KEY_BYTES).toString('base64')}`
}

/** The file with the keys that users of cameras are sealed with, made once: what they have sealed lies in the same folder. @returns its path */
export function keptSealKeys(folder: string): string {
  return keptKeys(folder, 'seal-keys')
}

/** The file with the keys that links to clips are made with. @returns its path */
export function keptLinkKeys(folder: string): string {
  return keptKeys(folder, 'link-keys')
}

function keptKeys(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(path)) writeFileSync(path, `${newSealKeys()}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(path, 0o600)
  return path
}
