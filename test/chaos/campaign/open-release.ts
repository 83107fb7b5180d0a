import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies, isInstalled } from '../../../deploy/local/bootstrap/ensure-dependencies.mjs'

/** What people run who upgrade to these sources. */
export const RELEASE = { version: '0.1.0', commit: 'b8fc277616ac2c652c848d2da7344044e69cc4b2' } as const

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Why the release can't be had; what asks for it may go on without. */
export class NoRelease extends Error {}

/**
 * The sources of the last release with their dependencies, in a folder of the cache: made from the history of the repository.
 * @returns the folder
 * @throws NoRelease where the history is not there, as in a shallow clone
 */
export async function openRelease(say: (line: string) => void): Promise<string> {
  const { version, commit } = RELEASE
  const git = (...args: string[]) => spawnSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' })
  if (git('cat-file', '-e', `${commit}^{commit}`).status !== 0)
    throw new NoRelease(`${version} (${commit}) is not in the history of this clone: git fetch --unshallow`)
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const releases = join(cache, 'murmuration', 'releases')
  const folder = join(releases, `${version}-${commit}`)
  if (!existsSync(folder)) {
    mkdirSync(releases, { recursive: true })
    const made = mkdtempSync(join(releases, 'new-'))
    const tar = execFileSync('git', ['-C', ROOT, 'archive', commit], { maxBuffer: 256 * 1024 * 1024 })
    execFileSync('tar', ['-x', '-C', made], { input: tar })
    try {
      renameSync(made, folder)
    } catch (error) {
      // Somebody else was faster.
      if (!existsSync(folder)) throw error
      rmSync(made, { recursive: true, force: true })
    }
  }
  await installInto(folder, say)
  return folder
}

/** Those of this folder when they are what the release names, else its own. */
async function installInto(folder: string, say: (line: string) => void): Promise<void> {
  const modules = join(folder, 'node_modules')
  if (!existsSync(modules)) {
    rmSync(modules, { force: true })
    symlinkSync(join(ROOT, 'node_modules'), modules)
  }
  if (isInstalled(folder)) return
  if (lstatSync(modules).isSymbolicLink()) rmSync(modules)
  await ensureDependencies(folder, say)
}
