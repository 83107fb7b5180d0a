import { connect, type Socket } from 'node:net'
import type { FrameCutter } from './frame-cutter.ts'

/** As much as a socket of the system holds. Bytes. */
const PART_BYTES = 256 * 1024
const AGAIN_MS = 5

/** The reading end of one output of ffmpeg. */
export interface FrameSocket {
  /** Gives no frame until `release`; ffmpeg then waits. */
  hold(): void
  release(): void
  /** Resolves when the other end has closed and every whole frame was given, or after `close`. */
  readonly finished: Promise<void>
  /** Gives nothing more. */
  close(): void
}

/**
 * Reads from a local socket that ffmpeg listens on, or will in a moment. Unlike the pipes of a child process a socket can be
 * read into the same memory again and again: what a pipe brings at a hundred frames a second, a new buffer every 64 KB, costs
 * more in garbage collection than everything else that capture does.
 *
 * @param over aborted when ffmpeg has ended: if it never listened, there is nothing to wait for
 */
export function openFrameSocket(path: string, cutter: FrameCutter, over: AbortSignal): FrameSocket {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  const memory = Buffer.allocUnsafeSlow(PART_BYTES)
  /** What was read and not taken, because frames were held meanwhile. */
  let left: Uint8Array | undefined
  let socket: Socket | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false

  function take(part: Uint8Array): boolean {
    const taken = cutter.take(part)
    left = taken < part.length ? part.subarray(taken) : undefined
    return !cutter.isHeld
  }

  function open(): void {
    const attempt = connect({
      path,
      onread: { buffer: memory, callback: (bytes) => take(memory.subarray(0, bytes)) },
    })
    socket = attempt
    let isConnected = false
    attempt.once('connect', () => {
      isConnected = true
    })
    // Before it listens: asked again. After that it ends like a stream, whatever broke it.
    attempt.on('error', () => undefined)
    attempt.once('close', () => {
      if (isConnected || isClosed || over.aborted) finish()
      else retry = setTimeout(open, AGAIN_MS)
    })
    // Without listeners for data nothing would read to the end.
    if (!cutter.isHeld) attempt.resume()
  }

  open()
  return {
    finished,
    hold() {
      cutter.isHeld = true
      socket?.pause()
    },
    release() {
      cutter.isHeld = false
      if (left && !take(left)) return
      socket?.resume()
    },
    close() {
      isClosed = true
      clearTimeout(retry)
      left = undefined
      if (socket && !socket.closed) socket.destroy()
      else finish()
    },
  }
}
