import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import {
  createFrameCutter,
  openFrameSocket,
} from '../../../../../services/agents/video/capture/decode/frame-socket.ts'

t.test('frames are cut exactly, whatever the parts, and none is given while they are held', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
  const small = fc.integer({ min: 1, max: 30 })
  fc.assert(
    fc.property(small, sizes, fc.integer({ min: 1, max: 5 }), (bytes, parts, every) => {
      let next = 0
      const all = Buffer.from(Array.from({ length: parts.reduce((a, b) => a + b) }, () => next++ % 256))
      const frames: Buffer[] = []
      const cutter = createFrameCutter({ bytes, lend: () => Buffer.alloc(bytes) }, (frame) => {
        frames.push(frame)
        cutter.isHeld = frames.length % every === 0
      })
      let at = 0
      for (const length of parts) {
        for (let to = at + length; at < to; ) {
          const before = frames.length
          at += cutter.take(all.subarray(at, to))
          if (frames.length - before > every) return false
          cutter.isHeld = false
        }
      }
      const whole = Math.floor(all.length / bytes)
      return frames.length === whole && Buffer.concat(frames).equals(all.subarray(0, whole * bytes))
    }),
  )
})

t.test(
  'a socket that is not there yet is tried until it is; what is left of a frame is not given',
  async (t) => {
    const path = join(shortFolder(t), 'frames')
    const { frames, cutter } = collect()
    const socket = openFrameSocket(path, cutter, new AbortController().signal)
    const writer = await listen(t, path)
    writer.end('abcdefgh-x')
    await socket.finished
    t.strictSame(frames, ['abcd', 'efgh'])
  },
)

t.test('held: nothing is given until it is released', async (t) => {
  const path = join(shortFolder(t), 'frames')
  const { frames, cutter, next } = collect((count) => {
    if (count === 1) socket.hold()
  })
  const socket = openFrameSocket(path, cutter, new AbortController().signal)
  const writer = await listen(t, path)
  writer.end('abcdefghijkl')
  await next
  t.strictSame(frames, ['abcd'])
  socket.release()
  await socket.finished
  t.strictSame(frames, ['abcd', 'efgh', 'ijkl'])
})

t.test('when ffmpeg has ended without listening, there is nothing to wait for', async (t) => {
  const { cutter } = collect()
  const socket = openFrameSocket(join(shortFolder(t), 'nobody'), cutter, AbortSignal.abort())
  await socket.finished
})

t.test('closed: it finishes, and gives nothing more', async (t) => {
  const path = join(shortFolder(t), 'frames')
  const { frames, cutter } = collect()
  const socket = openFrameSocket(path, cutter, new AbortController().signal)
  await listen(t, path)
  socket.close()
  await socket.finished
  t.strictSame(frames, [])
})

/** Frames of four bytes, as text. */
function collect(onFrame: (count: number) => void = () => undefined) {
  const frames: string[] = []
  const { promise: next, resolve } = Promise.withResolvers<void>()
  const cutter = createFrameCutter({ bytes: 4, lend: () => Buffer.alloc(4) }, (frame) => {
    frames.push(frame.toString())
    onFrame(frames.length)
    resolve()
  })
  return { frames, cutter, next }
}

/** Listens as ffmpeg does: for one reader. */
async function listen(t: Test, path: string): Promise<Socket> {
  const server = createServer()
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const socket = await connected
  t.teardown(async () => {
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return socket
}

/** Paths of sockets have 107 bytes at most. */
function shortFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
