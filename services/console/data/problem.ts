/** What went wrong, in the words of the catalogue of errors: a code, the cause, and what to do about it. */
export class ProblemError extends Error {
  readonly code: string
  readonly status: number
  readonly fix: string | undefined
  readonly issues: readonly { path: string; message: string }[]
  readonly requestId: string | undefined
  readonly traceId: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(problem: {
    code: string
    message: string
    status?: number
    fix?: string | undefined
    issues?: readonly { path: string; message: string }[] | undefined
    requestId?: string | undefined
    traceId?: string | undefined
    retryAfterMs?: number | undefined
  }) {
    super(problem.message)
    this.name = 'ProblemError'
    this.code = problem.code
    this.status = problem.status ?? 0
    this.fix = problem.fix
    this.issues = problem.issues ?? []
    this.requestId = problem.requestId
    this.traceId = problem.traceId
    this.retryAfterMs = problem.retryAfterMs
  }
}

/** Of an answer that is no success; whatever stands in its body. Pure. */
export function problemOf(body: unknown, status: number): ProblemError {
  const found = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const text = (name: string) => (typeof found[name] === 'string' ? (found[name] as string) : undefined)
  return new ProblemError({
    code: text('code') ?? `HTTP_${status}`,
    message: text('detail') ?? text('message') ?? `the edge answered ${status}`,
    status,
    fix: text('fix') ?? 'Try again; if it stays so, read the log of the edge.',
    issues: Array.isArray(found.issues) ? (found.issues as { path: string; message: string }[]) : undefined,
    requestId: text('requestId'),
    traceId: text('traceId'),
    retryAfterMs: typeof found.retryAfterMs === 'number' ? found.retryAfterMs : undefined,
  })
}

/** Any error as one that can be shown. Pure. */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message))
    return new ProblemError({
      code: 'UNREACHABLE',
      message: 'the edge can not be reached',
      fix: 'Check the network, and that the stack runs. The console goes on by itself as soon as it answers.',
    })
  return new ProblemError({
    code: 'CONSOLE_FAULT',
    message: error instanceof Error ? error.message : String(error),
    fix: 'Reload the page. If it comes again, report it with what you did.',
  })
}

/** Whether asking again later may help. Pure. */
export function isPassing({ code, status }: ProblemError): boolean {
  return code === 'UNREACHABLE' || status === 429 || status === 502 || status === 503 || status === 504
}
