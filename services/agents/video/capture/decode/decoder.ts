import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { endProcess } from '../program/end-process.ts'
import { createPrivateFolder } from '../program/private-folder.ts'
import { collectStderrTail } from '../program/stderr-tail.ts'
import { createFrameCutter } from './frame-cutter.ts'
import { displayBytes, type FrameSizes, modelBytes } from './frame-sizes.ts'
import { openFrameSocket } from './frame-socket.ts'

/** Where ffmpeg listens with its two outputs: paths of sockets. */
export interface DecoderOutputs {
  model: string
  display: string
}

export interface DecoderOptions {
  ffmpeg: string
  argsFor: (outputs: DecoderOutputs) => readonly string[]
  sizes: FrameSizes
  /** Gives what goes to the program's standard input, where it has one. */
  feed?: ((stdin: NodeJS.WritableStream) => void) | undefined
  /** A buffer for a display frame. */
  lendDisplay: () => Buffer
  /** `planes` is lent for the call; `display` is given away. */
  onFrame(planes: Buffer, display: Buffer): void
}

/** How ffmpeg ended, and what it complained about last. */
export interface DecodeEnd {
  exitCode: number | null
  stderrTail: string
}

export interface Decoder {
  /** Back-pressure: ffmpeg waits until `release`. */
  hold(): void
  release(): void
  /** Resolves when the program is gone and every frame was given; rejects only when it could not be started. */
  readonly ended: Promise<DecodeEnd>
  /** Resolves when the program is gone; frames that are still under way are dropped. */
  stop(): Promise<void>
}

/** Runs ffmpeg and gives its two outputs frame by frame, each pair together. */
export async function startDecoder(options: DecoderOptions): Promise<Decoder> {
  const { ffmpeg, argsFor, sizes, feed, onFrame } = options
  const folder = await createPrivateFolder()
  const outputs = { model: join(folder.path, 'model'), display: join(folder.path, 'display') }
  // Nothing of our environment: a proxy or a preset file there would change what is opened.
  const child = spawn(ffmpeg, argsFor(outputs), {
    env: {},
    stdio: [feed ? 'pipe' : 'ignore', 'ignore', 'pipe'],
  })
  const stderrTail = collectStderrTail(child.stderr!)
  const over = new AbortController()
  const spare: Buffer[] = []
  const planes: Buffer[] = []
  const displays: Buffer[] = []
  let isHeld = false
  let isStopped = false

  const pair = () => {
    while (!isHeld && !isStopped && planes.length > 0 && displays.length > 0) {
      const lent = planes.shift()!
      onFrame(lent, displays.shift()!)
      spare.push(lent)
    }
  }
  const read = (path: string, frame: { bytes: number; lend: () => Buffer }, into: Buffer[]) => {
    const cutter = createFrameCutter(frame, (whole) => {
      into.push(whole)
      pair()
    })
    return openFrameSocket(path, cutter, over.signal)
  }
  const bytes = modelBytes(sizes)
  const lendPlanes = () => spare.pop() ?? Buffer.allocUnsafeSlow(bytes)
  const sockets = [
    read(outputs.model, { bytes, lend: lendPlanes }, planes),
    read(outputs.display, { bytes: displayBytes(sizes), lend: options.lendDisplay }, displays),
  ]
  if (feed && child.stdin) {
    // ffmpeg may end before what feeds it does.
    child.stdin.on('error', () => undefined)
    feed(child.stdin)
  }
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => over.abort())
  const ended = (async () => {
    try {
      const exitCode = await closed
      await Promise.all(sockets.map(({ finished }) => finished))
      return { exitCode, stderrTail: stderrTail.text() }
    } finally {
      await folder.remove()
    }
  })()
  ended.catch(() => undefined)

  return {
    ended,
    hold() {
      isHeld = true
      for (const socket of sockets) socket.hold()
    },
    release() {
      isHeld = false
      pair()
      for (const socket of sockets) if (!isHeld) socket.release()
    },
    async stop() {
      isStopped = true
      child.stdin?.destroy()
      // A program that waits to write would not hear the signal before it has written.
      for (const socket of sockets) socket.close()
      await endProcess(child, closed)
      await folder.remove()
    },
  }
}
