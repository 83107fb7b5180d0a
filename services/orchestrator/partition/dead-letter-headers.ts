import type { TaskError } from '#schemas/problem.ts'
import { DEAD_CODE_HEADER, DEAD_REASON_HEADER } from '#subjects/subjects.ts'

const MAX_MESSAGE_CHARACTERS = 2000

/** Why a step was given up. Headers are lines of ASCII. */
export function reasonHeaders(error: TaskError | undefined): Record<string, string> {
  if (!error) return {}
  const reason = error.message.slice(0, MAX_MESSAGE_CHARACTERS).replace(/ *[^\x20-\x7e]+ */g, ' ')
  return { [DEAD_CODE_HEADER]: error.code, [DEAD_REASON_HEADER]: reason }
}
