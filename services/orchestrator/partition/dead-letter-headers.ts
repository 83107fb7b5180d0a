import type { TaskError } from '#schemas/problem.ts'
import { DEAD_CODE_HEADER, DEAD_REASON_HEADER } from '#subjects/subjects.ts'

const MAX_MESSAGE_CHARACTERS = 2000

/** Why a step was given up. Headers are lines of ASCII. @param isSealed its message is payload: the code alone is told */
export function reasonHeaders(error: TaskError | undefined, isSealed = false): Record<string, string> {
  if (!error) return {}
  if (isSealed) return { [DEAD_CODE_HEADER]: error.code }
  const reason = error.message.slice(0, MAX_MESSAGE_CHARACTERS).replace(/ *[^\x20-\x7e]+ */g, ' ')
  return { [DEAD_CODE_HEADER]: error.code, [DEAD_REASON_HEADER]: reason }
}
