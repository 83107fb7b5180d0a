import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { hasApt } from './apt-workspace.ts'

const execute = promisify(execFile)
const INSTALL_TIMEOUT_MS = 300_000

/**
 * Installs packages on the system, which takes root. Returns why it did not; throws when apt failed.
 * Services that packages would start are not wanted: murmur runs its own.
 */
export async function aptInstall(
  packageNames: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  if (!hasApt(env)) return 'no apt here'
  if (process.getuid?.() !== 0) return 'needs root'
  const run = (args: string[]) =>
    execute('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      timeout: INSTALL_TIMEOUT_MS,
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
    })
  await run(['update'])
  await run(['install', '-y', '--no-install-recommends', ...packageNames])
  return undefined
}
