import { spawn } from 'node:child_process'

/** How a browser is opened on a system. */
export interface Opener {
  readonly command: string
  readonly args: readonly string[]
}

/** Undefined where nothing can be opened: no screen, or over a connection from elsewhere. Pure. */
export function openerFor(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  url: string,
): Opener | undefined {
  if (platform === 'darwin') return env.SSH_CONNECTION ? undefined : { command: 'open', args: [url] }
  if (platform === 'win32') return { command: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }
  if (env.WSL_DISTRO_NAME) return { command: 'wslview', args: [url] }
  const hasScreen = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
  return hasScreen && !env.SSH_CONNECTION ? { command: 'xdg-open', args: [url] } : undefined
}

/** Opens it, in a process that goes its own way. @returns whether that could be started */
export function openBrowser({ command, args }: Opener): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
