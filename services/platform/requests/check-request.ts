import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { describeIssue } from './describe-issue.ts'

const MAX_ISSUES = 20

/**
 * Faults of a zod check as they are told to clients: where, and what has to be there.
 * @param root what all paths are in
 */
export function issuesOf(error: z.ZodError, root?: string): { path: string; message: string }[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: [...(root ? [root] : []), ...issue.path.map(String)].join('.') || '(body)',
    message: describeIssue(issue),
  }))
}

/** @throws MurmurError INVALID_REQUEST with every field that is wrong, twenty at most */
export function checkRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = issuesOf(parsed.error)
  throw new MurmurError(
    'INVALID_REQUEST',
    `the request is not valid: ${issues[0]?.path} ${issues[0]?.message}`,
    { issues },
  )
}

/**
 * A request from its bytes; nothing at all is an empty object.
 * @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_REQUEST
 */
export function readRequest<Schema extends z.ZodType>(
  data: Uint8Array,
  schema: Schema,
  limits: { maxBytes?: number | undefined } = {},
): z.output<Schema> {
  if (data.length === 0) return checkRequest(schema, {})
  const { maxBytes } = limits
  return checkRequest(schema, parseBoundedJson(data, maxBytes === undefined ? {} : { maxBytes }))
}
