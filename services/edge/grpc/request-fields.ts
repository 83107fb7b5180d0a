import { z } from 'zod'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { checkedRequest } from '../checked-request.ts'

const requestSchema = z.object({ taskId: taskIdSchema })

/** @throws MurmurError INVALID_REQUEST */
export function taskIdOf(taskId: string | undefined): string {
  return checkedRequest(requestSchema, { taskId }).taskId
}
