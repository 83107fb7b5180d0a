import { readFileSync } from 'node:fs'
import type { Script } from './redis.ts'

/** Reads a checked-in Lua script; `name` becomes the command's name. */
export function readScript(name: string, url: URL): Script {
  return { name, lua: readFileSync(url, 'utf8') }
}
