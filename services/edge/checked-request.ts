import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/**
 * What a client asks for, if its fields are as they have to be.
 * @param mostIssues so many are named at most
 * @throws MurmurError INVALID_REQUEST with every field that is wrong
 */
export function checkedRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  mostIssues: number = Number.POSITIVE_INFINITY,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues
    .slice(0, mostIssues)
    .map(({ path, message }) => ({ path: path.map(String).join('.') || '(request)', message }))
  throw new MurmurError(
    'INVALID_REQUEST',
    `the request is not valid: ${issues[0]?.path} ${issues[0]?.message}`,
    { issues },
  )
}
