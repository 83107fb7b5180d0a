import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'

/** @throws MurmurError INVALID_REQUEST */
export function taskIdOf(taskId: string | undefined): string {
  const parsed = taskIdSchema.safeParse(taskId)
  if (parsed.success) return parsed.data
  const message = parsed.error.issues[0]!.message
  throw new MurmurError('INVALID_REQUEST', `the request is not valid: taskId ${message}`, {
    issues: [{ path: 'taskId', message }],
  })
}

/** @throws MurmurError INVALID_REQUEST with every field that is wrong */
export function checkedFields<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String).join('.') || '(request)',
    message,
  }))
  throw new MurmurError(
    'INVALID_REQUEST',
    `the request is not valid: ${issues[0]?.path} ${issues[0]?.message}`,
    { issues },
  )
}
