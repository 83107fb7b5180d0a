import { readFileSync } from 'node:fs'

/** The version of the package that this file is part of: the project, or the kit in somebody's project. */
export const SOFTWARE_VERSION = readVersion()

function readVersion(): string {
  try {
    const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
    return (JSON.parse(text) as { version?: string }).version ?? 'unknown'
  } catch {
    // A bundle has no manifest beside it.
    return 'unknown'
  }
}
