import { join, relative, resolve } from 'node:path'
import { murmurHome } from '../project-paths.ts'
import { userFolder } from '../user-environment.ts'
import { packSdk } from './pack-sdk.ts'

// npm run sdk:pack [-- FOLDER]
const [folder] = process.argv.slice(2)
const from = userFolder()
try {
  const tarball = await packSdk(folder === undefined ? join(murmurHome(), 'sdk') : resolve(from, folder))
  process.stdout.write(`${tarball}\n`)
  process.stderr.write(
    `Use it in a project of its own: npm install ${relative(from, tarball)}\nNever by its name: what a registry has under that name is a stranger's.\n`,
  )
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
