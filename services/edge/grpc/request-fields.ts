import { z } from 'zod'
import { checkRequest } from '#platform/requests/check-request.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'

const requestSchema = z.object({ taskId: taskIdSchema })

/** @throws MurmurError INVALID_REQUEST */
export function taskIdOf(taskId: string | undefined): string {
  return checkRequest(requestSchema, { taskId }).taskId
}
