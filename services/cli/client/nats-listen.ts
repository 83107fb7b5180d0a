import type { z } from 'zod'
import type { Bus } from '#platform/nats/bus.ts'

const decoder = new TextDecoder()

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
