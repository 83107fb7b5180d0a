import type { ErrorCode } from '#schemas/problem.ts'

/** What the command tells the shell. Stable; `docs/cli.md` lists them. */
export const EXIT = {
  ok: 0,
  /** The task, a check or the command itself failed. */
  failed: 1,
  /** Arguments or a submission that are wrong: the same again gives the same again. */
  usage: 2,
  notFound: 3,
  /** No stack, no server or no orchestrator answers, or it is too busy: may work later. */
  unreachable: 4,
  /** The task is not in a state for it, or the key is taken. */
  conflict: 5,
  /** Conventional: 128 + the number of SIGINT. */
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const OF_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  TASK_NOT_FOUND: EXIT.notFound,
  BLOB_NOT_FOUND: EXIT.notFound,
  ALERT_NOT_FOUND: EXIT.notFound,
  REVIEW_NOT_FOUND: EXIT.notFound,
  BOOKMARK_NOT_FOUND: EXIT.notFound,
  SNOOZE_NOT_FOUND: EXIT.notFound,
  KEY_NOT_FOUND: EXIT.notFound,
  INSTANCE_NOT_FOUND: EXIT.notFound,
  DEAD_LETTER_NOT_FOUND: EXIT.notFound,
  TEMPLATE_NOT_FOUND: EXIT.notFound,
  SCHEDULE_NOT_FOUND: EXIT.notFound,
  RECORDING_NOT_FOUND: EXIT.notFound,
  FALSE_POSITIVE_NOT_FOUND: EXIT.notFound,
  UNAVAILABLE: EXIT.unreachable,
  MODEL_MISSING: EXIT.unreachable,
  RATE_LIMITED: EXIT.unreachable,
  QUOTA_EXCEEDED: EXIT.unreachable,
  OVERLOADED: EXIT.unreachable,
  IDEMPOTENCY_CONFLICT: EXIT.conflict,
  TEMPLATE_CONFLICT: EXIT.conflict,
  TASK_ALREADY_FINISHED: EXIT.conflict,
  TASK_NOT_FINISHED: EXIT.conflict,
  TASK_FAILED: EXIT.failed,
  ALERT_STATE_CONFLICT: EXIT.conflict,
  TASK_STATE_CONFLICT: EXIT.conflict,
  OBJECT_IN_USE: EXIT.conflict,
  DRAIN_UNSUPPORTED: EXIT.conflict,
  KEY_STATE_CONFLICT: EXIT.conflict,
  APPROVAL_NOT_OPEN: EXIT.conflict,
}

/** The exit code for a code of the catalogue and its HTTP status. */
export function exitCodeOf(code: ErrorCode, status: number): ExitCode {
  return OF_CODE[code] ?? (status >= 400 && status < 500 ? EXIT.usage : EXIT.failed)
}
