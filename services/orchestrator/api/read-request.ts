import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { BusMessage } from '#platform/nats/bus.ts'
import { issuesOf } from '../plan/plan-submission.ts'

/**
 * What a service was asked; nothing at all is an empty object.
 * @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_REQUEST with every field that is wrong
 */
export function readRequest<Schema extends z.ZodType>(message: BusMessage, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(message.data.length === 0 ? {} : parseBoundedJson(message.data))
  if (parsed.success) return parsed.data
  const issues = issuesOf(parsed.error)
  throw new MurmurError(
    'INVALID_REQUEST',
    `the request is not valid: ${issues[0]?.path} ${issues[0]?.message}`,
    { issues },
  )
}
