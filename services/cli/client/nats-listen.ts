import type { z } from 'zod'
import { readMessage } from '#platform/json/read-message.ts'
import type { Bus } from '#platform/nats/bus.ts'

/** Live messages of one form. What has another is passed over: anybody may publish there. @returns a function that ends it */
export function listen<Schema extends z.ZodType>(
  bus: Bus,
  subject: string,
  schema: Schema,
  onMessage: ((value: z.infer<Schema>) => void) | undefined,
): () => void {
  if (!onMessage) return () => undefined
  return bus.subscribe(subject, ({ data }) => {
    const message = readMessage(data, schema)
    if (message !== undefined) onMessage(message)
  })
}
