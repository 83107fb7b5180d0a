import type { ServerHttp2Stream } from 'node:http2'

/** The HTTP/2 stream beneath a call, for what grpc-js has no word for. */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  return (call as { call?: { stream?: ServerHttp2Stream } }).call?.stream
}

/**
 * Whether a client has broken a call off. Its messages end then as if it had sent all of them, and grpc-js says only a moment
 * later that it was cancelled.
 */
export function isBrokenOff(call: { cancelled: boolean }): boolean {
  const stream = http2StreamOf(call)
  return call.cancelled || stream === undefined || stream.closed || stream.destroyed
}
