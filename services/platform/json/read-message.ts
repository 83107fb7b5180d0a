import type { z } from 'zod'

const decoder = new TextDecoder()

/**
 * A message that is not ours to refuse: what is no JSON, or not of this form, is undefined. Anybody may publish on a subject, and
 * another release may have written what a stream keeps.
 */
export function readMessage<Schema extends z.ZodType>(
  data: Uint8Array | string,
  schema: Schema,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(typeof data === 'string' ? data : decoder.decode(data))).data
  } catch {
    return undefined
  }
}
