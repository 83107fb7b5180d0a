import { randomBytes } from 'node:crypto'

/**
 * A line for the file of platform keys: 256 random bits.
 * @param sinceMs what was stored earlier needs no seal. Unix milliseconds
 */
export function newPlatformKey(sinceMs: number): string {
  return `${new Date(sinceMs).toISOString()} p${randomBytes(32).toString('base64url')}\n`
}
