import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { throwIfInterrupted } from '../interruption.ts'
import type { Paint } from '../output/paint.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'

/** A scene that can be rendered. */
export interface SceneEntry {
  name: string
  seconds: number
  about: string
}

/** The renderer is a program of its own: services meet as processes. */
const SCENES = join(projectRoot, 'services/agents/video/scenes/main.ts')
/** What the renderer exits with when its arguments are wrong. */
const WRONG_ARGUMENTS = 2
const SHOWN_LINES = 10

/**
 * Runs the renderer; paths in its arguments start where the user stands.
 * @returns what it writes to standard output
 * @throws CliError USAGE, SCENE_FAILED with its own words; INTERRUPTED
 */
export async function runSceneRenderer(
  { folder, signal }: Pick<CliContext, 'folder' | 'signal'>,
  args: readonly string[],
): Promise<string> {
  throwIfInterrupted(signal)
  const child = spawn(process.execPath, [SCENES, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const onAbort = () => child.kill('SIGTERM')
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const ended = once(child, 'close') as Promise<[code: number | null, killedBy: string | null]>
    const [out, errorText, [code, killedBy]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended,
    ])
    if (code === 0) return out
    throwIfInterrupted(signal)
    const lines = errorText.trim().split('\n')
    const reason = lines.at(-1) || `it ended with ${code ?? killedBy}`
    // Arguments that are wrong are answered with the renderer's own usage, which is not this command's.
    if (code === WRONG_ARGUMENTS)
      throw new CliError('USAGE', reason, {
        fix: 'See `npx murmur scene list` and `npx murmur scene render --help`.',
      })
    throw new CliError('SCENE_FAILED', reason, { details: lines.slice(0, -1).slice(-SHOWN_LINES) })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What the renderer's `list` says: a line a scene, `name  40 s  what happens`. Pure. */
export function parseSceneList(output: string): SceneEntry[] {
  return output.split('\n').flatMap((line) => {
    const [, name, seconds, about] = /^(\S+)\s+(\d+(?:\.\d+)?) s\s+(.*)$/.exec(line) ?? []
    return name && seconds && about ? [{ name, seconds: Number(seconds), about }] : []
  })
}

/** A table of scenes. Pure. */
export function renderScenes(
  scenes: readonly SceneEntry[],
  options: { paint: Paint; width?: number },
): string[] {
  const rows = scenes.map(({ name, seconds, about }): Cell[] => [
    { text: name, style: 'bold' },
    { text: formatDuration(seconds * 1000) },
    { text: about, style: 'dim' },
  ])
  const columns = [
    { title: 'scene' },
    { title: 'length', align: 'right' as const },
    { title: 'what happens', flexible: true },
  ]
  return renderTable(columns, rows, options)
}
