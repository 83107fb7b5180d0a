import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { compileCache } from '../../deploy/local/project-paths.ts'
import type {
  FromGenerator,
  GeneratorConfig,
  GeneratorResult,
  Progress,
  ToGenerator,
} from './generator/messages.ts'

/** As `nice` has it: before everything else, and behind what the system itself puts first. */
const GENERATOR_PRIORITY = -10
const MAIN = fileURLToPath(new URL('./generator/main.ts', import.meta.url))
/** Histograms live long and answers do not: room for the young ones keeps collections rare. */
const NODE_OPTIONS = ['--max-semi-space-size=32']

/** The process that puts load on could not: its message says why. */
export class GeneratorError extends Error {}

export interface DriveEvents {
  /** Load is on, since this moment (Unix milliseconds). */
  onBegun?(atMs: number): void
  onProgress?(progress: Progress): void
  /** Load is off; so many tasks are asked for. */
  onSettling?(open: number): void
}

/**
 * Lets a process of its own put load on a deployment.
 * @param signal breaks the run off: what was accepted until then is still asked for
 * @throws GeneratorError when it ends without a result
 */
export function driveGenerator(
  config: GeneratorConfig,
  events: DriveEvents,
  signal: AbortSignal,
): Promise<GeneratorResult> {
  const child = fork(MAIN, [], {
    execArgv: NODE_OPTIONS,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache() },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  goFirst(child)
  const stop = () => send(child, { kind: 'stop' })
  return new Promise<GeneratorResult>((resolve, reject) => {
    child.on('message', (message: FromGenerator) => {
      switch (message.kind) {
        case 'ready':
          send(child, { kind: 'start', config })
          if (signal.aborted) stop()
          return
        case 'begun':
          return events.onBegun?.(message.atMs)
        case 'progress':
          return events.onProgress?.(message.progress)
        case 'settling':
          return events.onSettling?.(message.open)
        case 'done':
          return resolve(message.result)
        case 'failed':
          return reject(new GeneratorError(`the generator failed: ${message.message}`))
      }
    })
    child.once('error', reject)
    child.once('exit', (code, by) =>
      reject(new GeneratorError(`the generator ended with ${by ?? code} and no result`)),
    )
    signal.addEventListener('abort', stop, { once: true })
  }).finally(() => signal.removeEventListener('abort', stop))
}

function send(child: ChildProcess, message: ToGenerator): void {
  if (child.connected) child.send(message)
}

/** On a machine that is full the generator would wait for a processor as the system does, and measure itself. Where that may not be asked for it stays as it is. */
function goFirst({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, GENERATOR_PRIORITY)
  } catch {
    // Only root may; a generator that is late says so.
  }
}
