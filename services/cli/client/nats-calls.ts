import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'

const ANSWER_WITHIN_MS = 5_000
const decoder = new TextDecoder()

/** A request to a service, and its answer checked. @throws MurmurError UNAVAILABLE, INTERNAL, and the problem it is answered with */
export async function ask<Schema extends z.ZodType>(
  bus: Bus,
  subject: string,
  body: unknown,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const answer = await bus.request(subject, body, { timeoutMs: ANSWER_WITHIN_MS })
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new MurmurError('INTERNAL', `${subject} gave an answer of another form: ${parsed.error.message}`)
}

/** Live messages of one form. What has another is passed over: anybody may publish there. @returns a function that ends it */
export function listen<Schema extends z.ZodType>(
  bus: Bus,
  subject: string,
  schema: Schema,
  onMessage: ((value: z.infer<Schema>) => void) | undefined,
): () => void {
  if (!onMessage) return () => undefined
  return bus.subscribe(subject, ({ data }) => {
    const parsed = schema.safeParse(parseOrUndefined(data))
    if (parsed.success) onMessage(parsed.data)
  })
}

function parseOrUndefined(data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data))
  } catch {
    return undefined
  }
}
