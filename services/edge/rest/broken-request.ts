import type { Socket } from 'node:net'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { REQUEST_ID, requestIdOf } from '../request-id.ts'
import { invalid } from './read-request.ts'

const WHAT: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'has headers that are too large',
  ERR_HTTP_REQUEST_TIMEOUT: 'did not come to its end in time',
}

/** Answers what is no HTTP at all, where there is neither a request nor a route; then nothing more is read. */
export function refuseBroken(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) {
    const requestId = requestIdOf(undefined)
    const { code, status, message, fix } = toProblem(
      invalid('(request)', WHAT[error.code ?? ''] ?? 'is not HTTP'),
    )
    const body = JSON.stringify({
      type: `urn:murmuration:error:${code}`,
      title: 'Bad Request',
      status,
      detail: message,
      requestId,
      code,
      fix,
    })
    socket.write(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n${REQUEST_ID}: ${requestId}\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroy(error)
}
