import type { Msg } from '@nats-io/transport-node'
import { type Problem, problemSchema } from '#schemas/problem.ts'

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

/**
 * Answers a request with what the handler returns: bytes as they are, all else as JSON.
 * @throws what the handler throws, and MurmurError PAYLOAD_TOO_LARGE for an answer that no message can hold
 */
export async function answer(
  message: Msg,
  send: (data: string | Uint8Array) => void,
  handler: (message: BusMessage) => Promise<unknown> | unknown,
): Promise<void> {
  const body = await handler(viewOf(message))
  send(body instanceof Uint8Array ? body : JSON.stringify(body))
}

/** The problem that an answer holds instead of a result. */
export function problemIn(reply: unknown): Problem | undefined {
  if (typeof reply !== 'object' || reply === null || !('problem' in reply)) return undefined
  const parsed = problemSchema.safeParse(reply.problem)
  return parsed.success ? parsed.data : undefined
}
