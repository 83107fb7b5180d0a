import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { endProcess } from '../program/end-process.ts'
import { collectStderrTail, lastErrorLine } from '../program/stderr-tail.ts'
import { factsFromY4mHeader, type SourceFacts } from './source-facts.ts'

const HEADER_BYTES = 512
/** The renderer's exit code for them. */
const WRONG_ARGUMENTS = 2

/** How a renderer of scenes is started: `<program> <main> pipe <scenario> --seed <n>` writes yuv4mpeg2 to its standard output. */
export interface SceneRenderer {
  program: string
  main: string
}

/** A scene while it is rendered; it waits until it is fed to somebody. */
export interface SceneFeed {
  facts: SourceFacts
  feed(stdin: NodeJS.WritableStream): void
  /** Resolves when the renderer is gone. */
  stop(): Promise<void>
}

/** @throws MurmurError INVALID_STEP_INPUT when there is no such scene, SOURCE_UNAVAILABLE when the renderer does not run */
export async function startScene(
  renderer: SceneRenderer,
  scene: { scenario: string; seed: number },
  signal: AbortSignal,
): Promise<SceneFeed> {
  signal.throwIfAborted()
  const args = [renderer.main, 'pipe', scene.scenario, '--seed', String(scene.seed)]
  const child = spawn(renderer.program, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
  const stderrTail = collectStderrTail(child.stderr)
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const stop = () => {
    child.stdout.destroy()
    return endProcess(child, closed)
  }
  const onAbort = () => void stop()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const head = await readHead(child.stdout)
    const facts = factsFromY4mHeader(Buffer.concat(head.parts).toString('latin1').split('\n')[0] ?? '')
    if (!facts) {
      await stop()
      signal.throwIfAborted()
      if (child.exitCode === WRONG_ARGUMENTS)
        throw new MurmurError('INVALID_STEP_INPUT', `source.scenario: ${lastErrorLine(stderrTail.text())}`)
      const message = `the scene "${scene.scenario}" can't be rendered: ${lastErrorLine(stderrTail.text())}`
      throw new MurmurError('SOURCE_UNAVAILABLE', message)
    }
    return {
      facts,
      feed(stdin) {
        head.stop()
        for (const part of head.parts) stdin.write(part)
        child.stdout.pipe(stdin)
      },
      stop,
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * Waits for the first line, or for the end, and keeps what has come. The listener stays until somebody else takes over: Node
 * lets a paused pipe flow again when its program ends, and a short scene would run dry unseen.
 */
async function readHead(stdout: Readable): Promise<{ parts: Buffer[]; stop(): void }> {
  const parts: Buffer[] = []
  let bytes = 0
  const { promise: isThere, resolve } = Promise.withResolvers<void>()
  const onData = (part: Buffer) => {
    parts.push(part)
    bytes += part.length
    if (!part.includes(0x0a) && bytes <= HEADER_BYTES) return
    stdout.pause()
    resolve()
  }
  stdout.on('data', onData).once('end', resolve).once('close', resolve)
  await isThere
  return { parts, stop: () => void stdout.off('data', onData) }
}
