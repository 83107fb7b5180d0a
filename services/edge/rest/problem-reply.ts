import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { activeTraceId } from '#platform/telemetry/active-trace.ts'
import { REQUEST_ID, requestIdOf } from '../access/access.ts'
import { invalid } from './read-request.ts'

/** An error as RFC 9457 has it, with what our catalogue adds: the code, the fix, the fields that are wrong. */
export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const { id, url } = reply.request
  const { code, status, message, fix, issues, retryAfterMs, taskId } = toProblem(error)
  reply.problemCode = code
  const traceId = activeTraceId()
  // Where the request was refused before any hook, nobody has set it yet.
  reply.header(REQUEST_ID, id)
  // What was said of an answer that could not be given does not hold for the problem.
  for (const name of ['etag', 'content-disposition']) reply.removeHeader(name)
  reply.header('cache-control', 'no-store')
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000))
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:murmuration:error:${code}`,
        title: STATUS_CODES[status] ?? 'Error',
        status,
        detail: message,
        instance: pathOf(url),
        requestId: id,
        ...(traceId !== undefined && { traceId }),
        code,
        fix,
        ...(issues && { issues }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ...(taskId !== undefined && { taskId }),
      }),
    )
}

/** A URL without its query, which may hold what is nobody's business. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0]!
}

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
