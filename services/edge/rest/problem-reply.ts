import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import { toProblem } from '#platform/errors/murmur-error.ts'

/** An error as RFC 9457 has it, with what our catalogue adds: the code, the fix, the fields that are wrong. */
export function sendProblem(reply: FastifyReply, error: unknown, instance: string): FastifyReply {
  const { code, status, message, fix, issues, retryAfterMs } = toProblem(error)
  reply.problemCode = code
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
        instance,
        code,
        fix,
        ...(issues && { issues }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }),
    )
}
