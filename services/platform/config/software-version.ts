import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version of the package that this file is part of: the project, or the kit in somebody's project. */
export const SOFTWARE_VERSION = readVersion()

function readVersion(): string {
  try {
    const text = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')
    return (JSON.parse(text) as { version?: string }).version ?? 'unknown'
  } catch {
    // A bundle has no manifest beside it.
    return 'unknown'
  }
}
