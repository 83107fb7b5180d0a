import { resolve } from 'node:path'
import { buildConsole } from './build-console.ts'

/** `node services/console/build/main.ts FOLDER` */
const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node services/console/build/main.ts FOLDER\n')
  process.exitCode = 2
} else {
  await buildConsole(resolve(folder))
}
