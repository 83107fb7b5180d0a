import { MurmurError } from '#platform/errors/murmur-error.ts'
import { LIMITS } from '#schemas/limits.ts'
import { cameraOfKey } from '#workflow/submission-keys/camera-key.ts'
import type { KeyVerdict } from '#workflow/submission-keys/decide-key.ts'

/** When something may have changed. Milliseconds. */
export const RETRY_AFTER_MS = 1000

/** What is said to whom its key has refused. Pure. */
export function refusalOf({ taskId, why }: KeyVerdict & { kind: 'refused' }, key: string): MurmurError {
  switch (why) {
    case 'held-by-other': {
      const camera = cameraOfKey(key)
      if (camera !== undefined)
        return new MurmurError(
          'SINGLETON_CONFLICT',
          `the camera "${camera}" is watched by the monitor "${taskId}" already: end that one (murmur stop ${taskId}), or give this one a name of its own (camera, --camera)`,
          { taskId },
        )
      return new MurmurError(
        'SINGLETON_CONFLICT',
        `task "${taskId}" has the singleton key "${key}" and is not over`,
        { taskId },
      )
    }
    case 'other-type':
      return new MurmurError(
        'INVALID_SUBMISSION',
        `task "${taskId}", which waits under the debounce key "${key}", is of another type`,
        { taskId, issues: [{ path: 'type', message: 'differs from the task that waits' }] },
      )
    case 'more-cameras':
      return new MurmurError(
        'INVALID_SUBMISSION',
        `task "${taskId}", which waits under the debounce key "${key}", was let in with fewer cameras: submit it under another key`,
        {
          taskId,
          issues: [{ path: 'plan', message: 'has more steps of capture than that of the task that waits' }],
        },
      )
    case 'too-many-replaced':
      return new MurmurError(
        'OVERLOADED',
        `${LIMITS.replacedTasks} tasks of the singleton key "${key}" are being replaced, none is over yet`,
        { taskId, retryAfterMs: RETRY_AFTER_MS },
      )
  }
}
