import { readConfig } from '#platform/config/read-config.ts'
import { SERVICE_VARIABLES } from '#platform/config/service-config.ts'
import { projectRoot } from './project-paths.ts'

const { default: _localNats, ...natsVariable } = SERVICE_VARIABLES.natsUrl

/**
 * The NATS that the user names; nothing when the choice is left to local mode.
 * @throws MurmurError CONFIG_INVALID when it is no URL of NATS
 */
export function namedNatsUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return readConfig({ natsUrl: natsVariable }, env).natsUrl
}

/** What the user has set. */
export function userEnvironment(): NodeJS.ProcessEnv {
  return process.env
}

/** The folder that the user stands in: `npm run` goes to the project's root first, and remembers where it came from. */
export function userFolder(env: NodeJS.ProcessEnv = process.env): string {
  const folder = process.cwd()
  return folder === projectRoot && env.INIT_CWD ? env.INIT_CWD : folder
}

/** The program that opens a page in the user's browser; nothing where there is no desktop to show it on. */
export function pageOpener(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (process.platform === 'darwin') return 'open'
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined
}
