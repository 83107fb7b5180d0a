import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runQuietly } from './run-quietly.mjs'

/**
 * Installs what package-lock.json names, unless it is there.
 *
 * `npm install --no-save` and not `npm ci`: it takes the locked versions and checks their hashes just the same,
 * but where a registry lacks the packages of other platforms, `npm ci` refuses the lock file altogether.
 * Install scripts are off: one of them downloads ffmpeg and fails without that site, newer npm versions run
 * none that isn't listed, and the only one that is needed is run by ensureNode.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 */
export async function ensureDependencies(root, say) {
  if (isInstalled(root)) return
  say('Installing the dependencies …')
  const startedAtMs = Date.now()
  await runQuietly(
    'npm',
    ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      // Should scripts be turned on: the CUDA libraries are the GPU image's business.
      env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
      failure: 'The dependencies could not be installed.',
    },
  )
  say(`Dependencies installed in ${Math.round((Date.now() - startedAtMs) / 1000)} s`)
}

/**
 * Whether node_modules holds what the lock file names. npm writes its own record of what it installed as its
 * last act, so a broken-off installation, a newer lock file and a package installed by hand are all noticed.
 */
export function isInstalled(root) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  const wanted = readPackages(join(root, 'package-lock.json'))
  if (installed === undefined || wanted === undefined) return false
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}
