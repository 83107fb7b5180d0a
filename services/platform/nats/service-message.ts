import type { Msg } from '@nats-io/transport-node'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { type Problem, problemSchema } from '#schemas/problem.ts'
import type { Outbox } from './outbox.ts'

/** A message of core NATS. */
export interface BusMessage {
  subject: string
  data: Uint8Array
  header(name: string): string | undefined
}

/** What the rest of the project sees of a message. */
export function viewOf(message: Msg): BusMessage {
  return {
    subject: message.subject,
    data: message.data,
    header: (name) => message.headers?.get(name) || undefined,
  }
}

/** Answers a request with what the handler returns (bytes as they are, all else as JSON), or with the problem that it throws. */
export async function answer(
  message: Msg,
  outbox: Outbox,
  handler: (message: BusMessage) => Promise<unknown> | unknown,
): Promise<void> {
  let body: unknown
  try {
    body = await handler(viewOf(message))
  } catch (error) {
    body = { problem: toProblem(error) }
  }
  // Sent without a reply subject: somebody listens, or nobody needs an answer.
  if (!message.reply) return
  try {
    outbox.send(message.reply, body instanceof Uint8Array ? body : JSON.stringify(body))
  } catch (error) {
    outbox.send(message.reply, JSON.stringify({ problem: toProblem(error) }))
  }
}

/** The problem that an answer holds instead of a result. */
export function problemIn(reply: unknown): Problem | undefined {
  if (typeof reply !== 'object' || reply === null || !('problem' in reply)) return undefined
  const parsed = problemSchema.safeParse(reply.problem)
  return parsed.success ? parsed.data : undefined
}
