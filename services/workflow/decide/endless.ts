import { LIMITS } from '#schemas/limits.ts'
import type { RetryPolicy } from '#schemas/plan.ts'

/** The most that `maxAttempts` can say. */
export const MAX_ATTEMPTS = 100

/**
 * Whether a task has no end of its own: its deadline is a century after it was accepted, so for half of that it is recognised by what is
 * left. No submission can ask for such a deadline; monitors without a duration have it. Pure.
 */
export function isEndless(deadlineAtMs: number, atMs: number): boolean {
  return deadlineAtMs - atMs > LIMITS.endlessTaskMs / 2
}

/** Whether an attempt may take as long as its task: the longest time, in a task without an end. Pure. */
export function hasEndlessAttempts(
  timeoutMs: number | undefined,
  { deadlineAtMs, atMs }: { deadlineAtMs: number; atMs: number },
): boolean {
  return timeoutMs !== undefined && timeoutMs >= LIMITS.stepTimeoutMs && isEndless(deadlineAtMs, atMs)
}

/** Whether no attempt is the last one: the most attempts, in a task without an end. Pure. */
export function hasNoLastAttempt(
  { maxAttempts }: Pick<RetryPolicy, 'maxAttempts'>,
  { deadlineAtMs, atMs }: { deadlineAtMs: number; atMs: number },
): boolean {
  return maxAttempts === MAX_ATTEMPTS && isEndless(deadlineAtMs, atMs)
}
