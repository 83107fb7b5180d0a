import { aptInstall } from '../../deploy/local/servers/apt.ts'
import { findOnPath, isExecutable } from '../../deploy/local/servers/find-binary.ts'
import type { Report } from '../../deploy/local/servers/server-source.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A browser for the tests of the pages; nothing where there is none: those tests are then skipped. */
export async function resolveChromium(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  if (env.MURMUR_CHROMIUM && isExecutable(env.MURMUR_CHROMIUM)) return env.MURMUR_CHROMIUM
  const present = findOnPath(NAMES, env)
  if (present) return present
  // Some 300 MB: a CI machine is there for it, a person's is not.
  if (env.CI) {
    const refusal = await aptInstall(['chromium'], env).catch((error: Error) => error.message)
    if (refusal === undefined) return findOnPath(NAMES, env)
    report(`chromium: apt-get install chromium: ${refusal}`)
  }
  report('chromium: none here; the tests of the pages are skipped (set MURMUR_CHROMIUM, or install it)')
  return undefined
}
