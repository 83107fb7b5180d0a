import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundleName } from '../../deploy/local/builds/bundled-mains.ts'

const root = join(import.meta.dirname, '../..')

/** What to run for a main of the repository: the bundle that the gate has made of it, else its source. Absolute. */
export function programOf(main: string, folder = process.env.MURMUR_TEST_PROGRAMS): string {
  const bundle = folder === undefined ? undefined : join(folder, bundleName(main))
  return bundle !== undefined && existsSync(bundle) ? bundle : join(root, main)
}
