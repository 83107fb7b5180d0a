import { join } from 'node:path'
import { startMediaProcess } from '#platform/media/media-process.ts'
import { createPrivateFolder } from '#platform/media/private-folder.ts'
import { displayBytes, type FrameSizes, modelBytes } from './decode-plan.ts'
import { createFrameCutter, type FrameCutter, openFrameSocket } from './frame-socket.ts'
import { createFrameTimes } from './frame-times.ts'

/** Where ffmpeg listens with its two outputs: paths of sockets. */
export interface DecoderOutputs {
  model: string
  display: string
  /** Where the source is recorded. */
  record?: string | undefined
}

export interface DecoderOptions {
  ffmpeg: string
  /** Its whole environment. */
  env?: Readonly<Record<string, string>>
  argsFor: (outputs: DecoderOutputs) => readonly string[]
  sizes: FrameSizes
  /** Gives what goes to the program's standard input, where it has one. */
  feed?: ((stdin: NodeJS.WritableStream) => void) | undefined
  /** A buffer for a display frame. */
  lendDisplay: () => Buffer
  /** Takes the source's own stream, where it is recorded; the bytes are lent for the call. */
  record?: { take(part: Uint8Array): void } | undefined
  /** Whether ffmpeg prints the times of frames, as `PRINT_TIMES` has it. */
  printsTimes?: boolean
  /** `planes` is lent for the call; `display` is given away. `mediaMs`: its time in the stream, where that is printed. */
  onFrame(planes: Buffer, display: Buffer, mediaMs: number | undefined): void
}

/** How ffmpeg ended, and the end of its stderr. */
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
  /** The end of what it has written so far. */
  stderrTail(): string
  /** Resolves when the program is gone; frames that are still under way are dropped. */
  stop(): Promise<void>
}

/** Runs ffmpeg and gives its two outputs frame by frame, each pair together. */
export async function startDecoder(options: DecoderOptions): Promise<Decoder> {
  const { ffmpeg, argsFor, sizes, feed, record, onFrame } = options
  const folder = await createPrivateFolder('capture')
  const outputs = {
    model: join(folder.path, 'model'),
    display: join(folder.path, 'display'),
    ...(record && { record: join(folder.path, 'record') }),
  }
  const decoding = startMediaProcess(ffmpeg, argsFor(outputs), {
    stdin: feed ? 'pipe' : 'ignore',
    stdout: options.printsTimes ? 'pipe' : 'ignore',
    ...(options.env && { env: options.env }),
  })
  const { stdin, stdout } = decoding.child
  const times = createFrameTimes()
  stdout?.setEncoding('utf8').on('data', (text: string) => times.take(text))
  const over = new AbortController()
  const spare: Buffer[] = []
  const planes: Buffer[] = []
  const displays: Buffer[] = []
  let given = 0
  let isHeld = false
  let isStopped = false

  const pair = () => {
    while (!isHeld && !isStopped && planes.length > 0 && displays.length > 0) {
      const lent = planes.shift()!
      onFrame(lent, displays.shift()!, times.of(given++))
      spare.push(lent)
    }
  }
  const openOutput = (path: string, frame: { bytes: number; lend: () => Buffer }, into: Buffer[]) => {
    const cutter = createFrameCutter(frame, (complete) => {
      into.push(complete)
      pair()
    })
    return openFrameSocket(path, cutter, over.signal)
  }
  const bytes = modelBytes(sizes)
  const lendPlanes = () => spare.pop() ?? Buffer.allocUnsafeSlow(bytes)
  const sockets = [
    openOutput(outputs.model, { bytes, lend: lendPlanes }, planes),
    openOutput(outputs.display, { bytes: displayBytes(sizes), lend: options.lendDisplay }, displays),
  ]
  const recorded =
    record && outputs.record !== undefined
      ? openFrameSocket(outputs.record, takingAll(record), over.signal)
      : undefined
  if (feed && stdin) {
    // ffmpeg may end before what feeds it does.
    stdin.on('error', () => undefined)
    feed(stdin)
  }
  const closed = decoding.closed.finally(() => over.abort())
  const ended = (async () => {
    try {
      const exitCode = await closed
      await Promise.all([...sockets, ...(recorded ? [recorded] : [])].map(({ finished }) => finished))
      return { exitCode, stderrTail: decoding.stderrTail() }
    } finally {
      await folder.remove()
    }
  })()
  ended.catch(() => undefined)

  return {
    ended,
    stderrTail: decoding.stderrTail,
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
      stdin?.destroy()
      // A program that waits to write would not hear the signal before it has written.
      for (const socket of sockets) socket.close()
      await decoding.end()
      await folder.remove()
    },
  }
}

/** What is recorded is never held up: whoever takes it lets go what is too much. */
function takingAll(record: { take(part: Uint8Array): void }): FrameCutter {
  return {
    isHeld: false,
    take(part) {
      record.take(part)
      return part.length
    },
  }
}
