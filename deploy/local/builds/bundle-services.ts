import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { bundleMains } from './bundle-mains.ts'
import { BUNDLED_MAINS } from './bundled-mains.ts'

/** A stack that runs goes first. */
const NICENESS = 19

/** `node deploy/local/builds/bundle-services.ts FOLDER`: the services of a local stack. */
const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node deploy/local/builds/bundle-services.ts FOLDER\n')
  process.exitCode = 2
} else {
  setPriority(NICENESS)
  await bundleMains(resolve(folder), BUNDLED_MAINS)
}
