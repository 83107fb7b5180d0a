import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { issuesOf } from '#platform/requests/check-request.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import { type Submission, submissionSchema } from '#schemas/submission.ts'

/**
 * How long a task may take and when it begins, in milliseconds from its acceptance. Pure.
 * @throws MurmurError INVALID_SUBMISSION for a task that would be over before it began
 */
export function submissionTimes(
  { deadlineMs, delayMs = 0 }: Submission,
  defaultDeadlineMs: number,
): { deadlineMs: number; delayMs: number } {
  if (deadlineMs !== undefined && delayMs >= deadlineMs)
    throw new MurmurError(
      'INVALID_SUBMISSION',
      `the task would end after ${deadlineMs} ms (deadlineMs), before its first step may begin after ${delayMs} ms (delayMs)`,
      {
        issues: [{ path: 'delayMs', message: 'must be below deadlineMs, which counts from the submission' }],
      },
    )
  const most = Math.max(LIMITS.taskDeadlineMs, defaultDeadlineMs)
  return { deadlineMs: deadlineMs ?? Math.min(most, defaultDeadlineMs + delayMs), delayMs }
}

/**
 * What a task keeps of the key that it comes under. One that is debounced is held from the start, for as long as its submissions may be
 * waited for. Pure.
 * @throws MurmurError INVALID_SUBMISSION for options that contradict each other
 */
export function heldBy(
  { singleton, debounce, delayMs }: Submission,
  { deadlineMs }: { deadlineMs: number },
): Pick<TaskAccepted, 'held' | 'singletonKey'> & Partial<Pick<TaskAccepted, 'deadlineMs' | 'delayMs'>> {
  const twice = debounce && (singleton ? 'singleton' : delayMs === undefined ? undefined : 'delayMs')
  if (twice)
    throw new MurmurError('INVALID_SUBMISSION', `debounce stands beside ${twice}: one of them`, {
      issues: [{ path: twice, message: 'stands beside debounce: one of them' }],
    })
  if (singleton) return { singletonKey: singleton.key }
  if (!debounce) return {}
  return { held: 'debounce', delayMs: debounce.delayMs, deadlineMs: LIMITS.debounceMaxMs + deadlineMs }
}

/**
 * A submission from its bytes.
 * @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_SUBMISSION
 */
export function parseSubmission(bytes: Uint8Array): Submission {
  const json = parseBoundedJson(bytes)
  const parsed = submissionSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issues = issuesOf(parsed.error)
  const [first] = issues
  throw new MurmurError(
    'INVALID_SUBMISSION',
    `the submission is not valid: ${first?.path} ${first?.message}`,
    { issues },
  )
}
