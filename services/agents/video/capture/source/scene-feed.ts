import type { Readable } from 'node:stream'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { factsFromY4mHeader, type MediaFacts } from '#platform/media/media-facts.ts'
import { startMediaProcess } from '#platform/media/media-process.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'

const MAX_HEADER_BYTES = 512
/** The renderer's exit code for wrong arguments. */
const WRONG_ARGUMENTS = 2

/** How a renderer of scenes is started: `<program> <main> pipe <scenario> --seed <n>` writes yuv4mpeg2 to its standard output. */
export interface SceneRenderer {
  program: string
  main: string
}

/** A scene while it is rendered; it waits until `feed` is called. */
export interface SceneFeed {
  facts: MediaFacts
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
  const rendering = startMediaProcess(renderer.program, args, { stdin: 'ignore', stdout: 'pipe' })
  const { child } = rendering
  const stdout = child.stdout!
  const stop = () => {
    stdout.destroy()
    return rendering.end()
  }
  const onAbort = () => void stop()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const head = await readHead(stdout)
    const facts = factsFromY4mHeader(Buffer.concat(head.parts).toString('latin1').split('\n')[0] ?? '')
    if (!facts) {
      await stop()
      signal.throwIfAborted()
      if (child.exitCode === WRONG_ARGUMENTS)
        throw new MurmurError(
          'INVALID_STEP_INPUT',
          `source.scenario: ${lastErrorLine(rendering.stderrTail())}`,
        )
      const message = `the scene "${scene.scenario}" can't be rendered: ${lastErrorLine(rendering.stderrTail())}`
      throw new MurmurError('SOURCE_UNAVAILABLE', message)
    }
    return {
      facts,
      feed(stdin) {
        head.stop()
        for (const part of head.parts) stdin.write(part)
        stdout.pipe(stdin)
      },
      stop,
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * Waits for the first line, or for the end, and keeps what has come. The listener stays until `feed` takes over: Node
 * lets a paused pipe flow again when its program ends, and a short scene would run dry unseen.
 */
async function readHead(stdout: Readable): Promise<{ parts: Buffer[]; stop(): void }> {
  const parts: Buffer[] = []
  let bytes = 0
  const { promise: isThere, resolve } = Promise.withResolvers<void>()
  const onData = (part: Buffer) => {
    parts.push(part)
    bytes += part.length
    if (!part.includes(0x0a) && bytes <= MAX_HEADER_BYTES) return
    stdout.pause()
    resolve()
  }
  stdout.on('data', onData).once('end', resolve).once('close', resolve)
  await isThere
  return { parts, stop: () => void stdout.off('data', onData) }
}
