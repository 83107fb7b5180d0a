import type { Clock } from '#platform/clock/clock.ts'
import type { HttpRetry } from '#platform/http/http-outcome.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import type { AttemptDone, AttemptOutcome } from './attempt-outcome.ts'

export interface RetryLimits {
  attempts: number
  /** For everything, waiting included. */
  timeoutMs: number
  attemptTimeoutMs: number
  /** Whether sending the request twice does no more than sending it once. */
  repeatable: boolean
}

/** How a call ended after all its attempts. `retry`: the orchestrator may try again, holding no slot until then. */
export type CallEnd =
  | { kind: 'done'; outcome: AttemptDone; attempts: number }
  | { kind: 'fail'; code: ErrorCode; why: string }
  | { kind: 'retry'; code: ErrorCode; why: string; afterMs?: number }

export interface RetryDeps {
  clock: Clock
  /** 0 ≤ x < 1. */
  random: () => number
  signal: AbortSignal
}

const FIRST_WAIT_MS = 200
const MAX_WAIT_MS = 5000

/**
 * Attempts until one settles it, waiting in between as long as the service asks, and at least with exponential backoff
 * and jitter. What can't be finished within the limits is handed back as `retry`.
 */
export async function retryLoop(
  attempt: (timeoutMs: number) => Promise<AttemptOutcome>,
  limits: RetryLimits,
  deps: RetryDeps,
): Promise<CallEnd> {
  const { clock, signal } = deps
  const endMs = clock.monotonicMs() + limits.timeoutMs
  for (let attempts = 1; ; attempts++) {
    const leftMs = Math.max(1, Math.ceil(endMs - clock.monotonicMs()))
    const outcome = await runAttempt(attempt, Math.min(limits.attemptTimeoutMs, leftMs), signal)
    if (outcome.kind === 'done') return { kind: 'done', outcome, attempts }
    if (outcome.kind === 'permanent') return { ...outcome, kind: 'fail' }
    if (outcome.kind === 'circuit-open') return { ...outcome, kind: 'retry' }
    if (outcome.mayHaveArrived && !limits.repeatable) return failWithoutRepeat(outcome)
    const waitMs = Math.max(backoffMs(attempts, deps.random), outcome.afterMs ?? 0)
    const isLast = attempts >= limits.attempts || clock.monotonicMs() + waitMs >= endMs
    if (!isLast) await clock.sleep(waitMs, signal)
    if (isLast || signal.aborted) return retryLater(outcome)
  }
}

/** Half of the wait is fixed and half random: many callers of a service that came back don't come at once. Pure. */
export function backoffMs(attempt: number, random: () => number): number {
  const ceilingMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
  return (ceilingMs * (1 + random())) / 2
}

/** An attempt that the runner stops says nothing about the service, but its request may be there. */
async function runAttempt(
  attempt: (timeoutMs: number) => Promise<AttemptOutcome>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    return await attempt(timeoutMs)
  } catch (error) {
    if (!signal.aborted) throw error
    const why = 'the step was stopped before the answer came'
    return {
      kind: 'retry',
      code: 'UPSTREAM_TIMEOUT',
      why,
      mayHaveArrived: true,
      countsAgainstHost: false,
    }
  }
}

function failWithoutRepeat(outcome: HttpRetry): CallEnd {
  const why = `${outcome.why}; it is not repeated, as it may have had its effect and carries no idempotency key`
  return { kind: 'fail', code: outcome.code, why }
}

function retryLater({ code, why, afterMs }: HttpRetry): CallEnd {
  return { kind: 'retry', code, why, ...(afterMs !== undefined && { afterMs }) }
}
