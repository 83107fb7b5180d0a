import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../project-paths.ts'
import { SetupError } from '../setup-error.ts'
import { compileSdk, listFiles } from './compile-sdk.ts'
import { type RootManifest, sdkManifest } from './sdk-manifest.ts'

/** Names of packages after `from`, `import` or `import(` in a compiled file. */
const IMPORTED = /\b(?:from|import)\s*\(?\s*['"]((?:@[a-z0-9-]+\/|node:)?[a-z][a-z0-9_./-]*)['"]/g

/**
 * Builds the kit as a package folder: compiled files, declarations, package.json and README.
 * @throws SetupError SDK_NOT_COMPILED
 */
export async function buildSdk(folder: string): Promise<void> {
  const dist = join(folder, 'dist')
  await compileSdk(dist)
  const texts = [...listFiles(dist, '.js'), ...listFiles(dist, '.d.ts')].map((file) =>
    readFileSync(join(dist, file), 'utf8'),
  )
  const imports = texts.flatMap((text) => [...text.matchAll(IMPORTED)].map((match) => match[1]!))
  const root = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as RootManifest
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(sdkManifest(root, imports), null, 2)}\n`)
  copyFileSync(join(projectRoot, 'services/sdk/README.md'), join(folder, 'README.md'))
}

/**
 * Makes the tarball of the kit in a folder, which is made when it is not there. Needs no network.
 * @returns its path
 * @throws SetupError SDK_NOT_COMPILED, SDK_NOT_PACKED
 */
export async function packSdk(outDir: string): Promise<string> {
  const target = resolve(outDir)
  const folder = mkdtempSync(join(tmpdir(), 'murmur-sdk-'))
  try {
    await buildSdk(folder)
    mkdirSync(target, { recursive: true })
    const packed = await promisify(execFile)(
      'npm',
      ['pack', '--json', '--loglevel=error', '--pack-destination', target],
      {
        cwd: folder,
      },
    )
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    return join(target, filename)
  } catch (cause) {
    if (cause instanceof SetupError) throw cause
    throw new SetupError(
      'SDK_NOT_PACKED',
      `the kit for agents could not be packed: ${(cause as Error).message}`,
      `npm has to be on the PATH, and ${target} has to be writable.`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
