import { connect, type Socket } from 'node:net'

/** Cuts a stream of bytes into frames of one size. */
export interface FrameCutter {
  /** While it is true no frame is given. */
  isHeld: boolean
  /** Takes bytes in and gives every frame that is complete by that. @returns how many it took: fewer when it was held meanwhile */
  take(part: Uint8Array): number
}

/**
 * Each byte is copied once, into a buffer that `lend` gives and that belongs to `onFrame` from then on. What is left of a
 * frame at the end of a stream is never given. Pure.
 */
export function createFrameCutter(
  frame: { bytes: number; lend: () => Buffer },
  onFrame: (frame: Buffer) => void,
): FrameCutter {
  let current: Buffer | undefined
  let filled = 0
  const cutter = {
    isHeld: false,
    take(part: Uint8Array): number {
      let offset = 0
      while (offset < part.length && !cutter.isHeld) {
        current ??= frame.lend()
        const to = Math.min(part.length, offset + frame.bytes - filled)
        current.set(part.subarray(offset, to), filled)
        filled += to - offset
        offset = to
        if (filled < frame.bytes) continue
        const complete = current
        current = undefined
        filled = 0
        onFrame(complete)
      }
      return offset
    },
  }
  return cutter
}

/** As much as a socket of the system holds. Bytes. */
const READ_BYTES = 256 * 1024
/** Until ffmpeg listens. */
const RETRY_INTERVAL_MS = 5

/** The reading end of one output of ffmpeg. */
export interface FrameSocket {
  /** Gives no frame until `release`; ffmpeg then waits. */
  hold(): void
  release(): void
  /** Resolves when the other end has closed and every complete frame was given, or after `close`. */
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
  const memory = Buffer.allocUnsafeSlow(READ_BYTES)
  /** What was read and not taken, because frames were held meanwhile. */
  let untaken: Uint8Array | undefined
  let socket: Socket | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false

  function take(part: Uint8Array): boolean {
    const taken = cutter.take(part)
    untaken = taken < part.length ? part.subarray(taken) : undefined
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
    // Before it listens: tried again. After that it ends like a stream, whatever broke it.
    attempt.on('error', () => undefined)
    attempt.once('close', () => {
      if (isConnected || isClosed || over.aborted) finish()
      else retry = setTimeout(open, RETRY_INTERVAL_MS)
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
      if (untaken && !take(untaken)) return
      socket?.resume()
    },
    close() {
      isClosed = true
      clearTimeout(retry)
      untaken = undefined
      if (socket && !socket.closed) socket.destroy()
      else finish()
    },
  }
}
