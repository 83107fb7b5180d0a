import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { REQUEST_ID } from '../request-id.ts'

/** An error as RFC 9457 has it, with what our catalogue adds: the code, the fix, the fields that are wrong. */
export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const { id, url } = reply.request
  const { code, status, message, fix, issues, retryAfterMs } = toProblem(error)
  reply.problemCode = code
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
        code,
        fix,
        ...(issues && { issues }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }),
    )
}

/** A URL without its query, which may hold what is nobody's business. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0]!
}
