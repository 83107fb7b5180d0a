import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { problemIn } from './service-message.ts'

interface Question {
  subject: string
  /** Bytes and text are sent as they are, all else as JSON. */
  body: unknown
  timeoutMs: number
}

const OPENING_BRACE = 0x7b
/** Who serves may be back by then. */
const AGAIN_AFTER_MS = 1000
const decoder = new TextDecoder()

/** @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with */
export async function askForJson(nc: NatsConnection, question: Question): Promise<unknown> {
  const { data } = await ask(nc, question)
  const reply: unknown = JSON.parse(decoder.decode(data))
  const problem = problemIn(reply)
  if (problem) throw MurmurError.fromProblem(problem)
  return reply
}

/** The same for an answer of bytes. @throws what `askForJson` throws */
export async function askForBytes(nc: NatsConnection, question: Question): Promise<Uint8Array> {
  const message = await ask(nc, question)
  const problem = message.data[0] === OPENING_BRACE ? problemIn(JSON.parse(message.string())) : undefined
  if (problem) throw MurmurError.fromProblem(problem)
  return message.data
}

async function ask(nc: NatsConnection, { subject, body, timeoutMs }: Question): Promise<Msg> {
  const payload = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body)
  try {
    return await nc.request(subject, payload, { timeout: timeoutMs })
  } catch (cause) {
    const text = `nobody answers on ${subject}: ${messageOf(cause)}`
    throw new MurmurError('UNAVAILABLE', text, { cause, retryAfterMs: AGAIN_AFTER_MS })
  }
}
