import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ServerInterceptingCallInterface, ServerWritableStream } from '@grpc/grpc-js'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Raw } from './call-context.ts'

/** What grpc-js does not show: an intercepted call leads to the one beneath it, and the last one has the stream. */
interface Beneath {
  nextCall?: Beneath
  stream?: ServerHttp2Stream
}

/** The HTTP/2 stream beneath a call as its method sees it, for what grpc-js has no word for. */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  return streamOf((call as { call?: object }).call)
}

/** The same beneath a call as an interceptor sees it. */
function streamOf(call: object | undefined): ServerHttp2Stream | undefined {
  let beneath: Beneath | undefined = call
  while (beneath?.nextCall) beneath = beneath.nextCall
  return beneath?.stream
}

/** Tells how many bytes have come, a piece each, as they are read; nothing is read because of it. */
export function onPiece(call: ServerInterceptingCallInterface, listener: (bytes: number) => void): void {
  streamOf(call)?.on('data', (piece: Buffer) => listener(piece.length))
}

/** Who was sent away may take what he was told within this. Milliseconds. */
const FAREWELL_MS = 500
/** What a client had sent before it heard of its refusal; more of it is not even read to be thrown away. */
const MAX_REST_BYTES = 16 * 1024

/** Ends the stream of a call that was answered already, however much its client still sends, or does not take. */
export function closeSoon(call: ServerInterceptingCallInterface): void {
  const stream = streamOf(call)
  if (!stream || stream.closed || stream.destroyed) return
  let rest = 0
  stream.on('data', (piece: Buffer) => {
    rest += piece.length
    if (rest > MAX_REST_BYTES) stream.pause()
  })
  // At once, the reset would overtake what was said.
  const timer = setTimeout(() => {
    // What waits for a client that takes nothing would be waited for otherwise.
    const isTaken = stream.writableLength === 0
    stream.close(isTaken ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_ENHANCE_YOUR_CALM)
  }, FAREWELL_MS)
  stream.once('close', () => clearTimeout(timer))
}

/**
 * Whether a client has broken a call off. Its messages end then as if it had sent all of them, and grpc-js says only a moment
 * later that it was cancelled.
 */
export function isBrokenOff(call: { cancelled: boolean }): boolean {
  const stream = http2StreamOf(call)
  return call.cancelled || stream === undefined || stream.closed || stream.destroyed
}

/** A client that takes nothing for this long is cut off; it can come back where it was. */
export const SLOWEST_MS = 30_000

/**
 * Until a client has taken what waits for it, or is gone. Who takes nothing is cut off: its stream is reset, because a status
 * would wait behind what it does not take. gRPC shows that as RESOURCE_EXHAUSTED.
 * @throws MurmurError OVERLOADED when it was cut off
 */
export async function untilTaken(
  call: ServerWritableStream<Raw, unknown>,
  gone: AbortSignal,
  slowestMs: number,
): Promise<void> {
  const isTooSlow = await new Promise<boolean>((resolve) => {
    const end = (tooSlow: boolean) => {
      clearTimeout(timer)
      call.off('drain', onDrain)
      gone.removeEventListener('abort', onDrain)
      resolve(tooSlow)
    }
    const onDrain = () => end(false)
    const timer = setTimeout(() => end(true), slowestMs)
    call.once('drain', onDrain)
    gone.addEventListener('abort', onDrain, { once: true })
    if (gone.aborted) onDrain()
  })
  if (!isTooSlow) return
  cutOff(call)
  throw new MurmurError(
    'OVERLOADED',
    `nothing was taken for ${slowestMs / 1000} s: come back where you were`,
    {
      retryAfterMs: 1000,
    },
  )
}

/** Resets the stream of a call: a status would wait behind what its client does not take. */
export function cutOff(call: object): void {
  http2StreamOf(call)?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
}
