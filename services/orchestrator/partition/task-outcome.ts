import { ERRORS, type ErrorCode, type TaskError } from '#schemas/problem.ts'
import type { TaskEventKind } from '#schemas/task-event.ts'

/**
 * What an end of a task says about the service: `completed`; `fault`, which counts against its availability; `caller`, what the
 * submission asked for can't be done; `outside`, something that the plan called did not do its part; `cancelled`.
 */
export type TaskOutcome = 'completed' | 'fault' | 'caller' | 'outside' | 'cancelled'

/** Where the status of a code says something else than whose fault it was. */
const EXCEPTIONS: Readonly<Partial<Record<ErrorCode, TaskOutcome>>> = {
  // 4xx, because a client does well to come back; but it was us who had no room.
  OVERLOADED: 'fault',
  UNKNOWN_AGENT: 'fault',
  // 5xx, because time was up; but what did not come in time was a person's.
  SIGNAL_TIMEOUT: 'caller',
  APPROVAL_TIMEOUT: 'caller',
  CREDENTIALS_REFUSED: 'outside',
  SOURCE_UNAVAILABLE: 'outside',
  CIRCUIT_OPEN: 'outside',
  UPSTREAM_ERROR: 'outside',
  UPSTREAM_TIMEOUT: 'outside',
}
const FIRST_SERVER_STATUS = 500

/** Whose fault an error of a task was. A code that only its agent knows counts as ours: nobody has said otherwise. Pure. */
export function outcomeOfError(code: string): TaskOutcome {
  if (!Object.hasOwn(ERRORS, code)) return 'fault'
  const known = code as ErrorCode
  return EXCEPTIONS[known] ?? (ERRORS[known].status < FIRST_SERVER_STATUS ? 'caller' : 'fault')
}

/** @returns undefined for what is no end. Pure. */
export function taskOutcome(kind: TaskEventKind, error: TaskError | undefined): TaskOutcome | undefined {
  if (kind === 'completed' || kind === 'cancelled') return kind
  return kind === 'failed' ? outcomeOfError(error?.code ?? 'INTERNAL') : undefined
}
