import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../deploy/local/project-paths.ts'

/** As package.json has it. */
export function projectVersion(): string {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
  return manifest.version
}
