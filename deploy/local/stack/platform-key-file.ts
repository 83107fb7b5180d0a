import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { newPlatformKey } from '../../nats/platform-key.ts'
import { writePrivately } from '../servers/data-folder.ts'

/**
 * The file of keys that the orchestrator and the edge of this home seal records with: beside the data, which is of no use without it.
 * Made once; what was stored before needs no seal.
 */
export function platformKeyFile(home: string, nowMs: number = Date.now()): string {
  const folder = join(home, 'data')
  const file = join(folder, 'platform-keys')
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  writePrivately(file, newPlatformKey(nowMs))
  return file
}
