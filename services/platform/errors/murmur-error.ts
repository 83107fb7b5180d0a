import { ERRORS, type ErrorCode, type Problem } from '#schemas/problem.ts'

/** The one error class: a stable code of the catalogue, what was wrong, and the cause kept. */
export class MurmurError extends Error {
  override readonly name = 'MurmurError'
  readonly code: ErrorCode
  readonly issues: { path: string; message: string }[] | undefined
  readonly retryAfterMs: number | undefined
  /** The task that is in the way, where one is. */
  readonly taskId: string | undefined
  /** Of the trace in which it happened; whoever knows that says it. */
  traceId: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown
      issues?: { path: string; message: string }[]
      retryAfterMs?: number
      taskId?: string
      traceId?: string
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.issues = options.issues
    this.retryAfterMs = options.retryAfterMs
    this.taskId = options.taskId
    this.traceId = options.traceId
  }

  /** What another process answered, as an error here. */
  static fromProblem(problem: Problem): MurmurError {
    const { issues, retryAfterMs, taskId, traceId } = problem
    return new MurmurError(problem.code, problem.message, {
      ...(issues && { issues }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(taskId !== undefined && { taskId }),
      ...(traceId !== undefined && { traceId }),
    })
  }

  /** As it goes over the wire. */
  toProblem(): Problem {
    const { status, fix } = ERRORS[this.code]
    return {
      code: this.code,
      status,
      message: this.message,
      fix,
      ...(this.issues && { issues: this.issues }),
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
      ...(this.taskId !== undefined && { taskId: this.taskId }),
      ...(this.traceId !== undefined && { traceId: this.traceId }),
    }
  }
}

/** Nobody can say now, and nothing has been decided: whoever asks again may be told. */
export function isForNow(code: ErrorCode): boolean {
  return code === 'UNAVAILABLE' || code === 'PAYLOAD_KEY_MISSING'
}

/** Any thrown value as a problem; what is not a MurmurError is INTERNAL and its text stays inside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof MurmurError) return error.toProblem()
  return new MurmurError('INTERNAL', 'an unexpected fault happened').toProblem()
}

/** The text of any thrown value, for logs. Never throws, whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    const message: unknown = error instanceof Error ? error.message : error
    return typeof message === 'string' ? message : String(message)
  } catch {
    // An object without a prototype, or one whose `message` or `toString` throws.
    return 'something that has no text was thrown'
  }
}
