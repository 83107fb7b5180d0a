import { DEFAULTS } from '#schemas/limits.ts'
import type { RetryPolicy, Step } from '#schemas/plan.ts'
import type { StepState } from '#schemas/task.ts'

/** How long after the time of a run the orchestrator waits: an agent's own timer comes first, and says what it was doing. */
const RUN_GRACE_MS = 3000
/** An agent that began just before the time in the queue was up tells so a second later. */
const QUEUE_GRACE_MS = 3000
/** Timers are fired by an estimate of the broker's time, which may be ahead by so much. */
const EARLY_MS = 1000

/** Until when an attempt that is put on its queue at `atMs` may wait for an agent. Unix ms. */
export function expiryOf(step: Step, atMs: number, deadlineAtMs: number): number {
  return Math.min(atMs + (step.queueTimeoutMs ?? Number.POSITIVE_INFINITY), deadlineAtMs)
}

/** When an attempt that is known to run since `atMs` is given up. Unix ms. */
export function runEndOf(timeoutMs: number, atMs: number): number {
  return atMs + timeoutMs + RUN_GRACE_MS
}

/** What a step that is due waits for no longer. */
export type StepDue = 'run-time' | 'queue-time' | 'retry'

/** What a step waits for, and until when; undefined where only the task's deadline counts. */
export function dueOf(step: StepState, deadlineAtMs: number): { what: StepDue; atMs: number } | undefined {
  if (step.status === 'backoff')
    return step.retryAtMs === undefined ? undefined : { what: 'retry', atMs: step.retryAtMs }
  if (step.status !== 'dispatched') return undefined
  if (step.timeoutAtMs !== undefined) return { what: 'run-time', atMs: step.timeoutAtMs }
  if (step.expiresAtMs === undefined || step.expiresAtMs >= deadlineAtMs) return undefined
  return { what: 'queue-time', atMs: Math.min(step.expiresAtMs + QUEUE_GRACE_MS, deadlineAtMs) }
}

/**
 * The moment that a timer stands for. One that was fired much too early, by a wrong clock, stands for the moment at which the
 * broker stored it: nothing is due then that was not due anyway.
 */
export function momentOf(dueMs: number, atMs: number): number {
  return Math.min(dueMs, atMs + EARLY_MS)
}

/** Whether the time in the queue is over by the broker's time of an event that says so. */
export function isExpired(step: StepState, atMs: number): boolean {
  return step.expiresAtMs !== undefined && step.expiresAtMs <= atMs + EARLY_MS
}

/** A policy with nothing left out. */
export type CompletePolicy = {
  [Key in Exclude<keyof RetryPolicy, 'byCode'>]-?: NonNullable<RetryPolicy[Key]>
}

export function completePolicy(policy: RetryPolicy = {}): CompletePolicy {
  const { retry } = DEFAULTS
  return {
    maxAttempts: policy.maxAttempts ?? retry.maxAttempts,
    initialDelayMs: policy.initialDelayMs ?? retry.initialDelayMs,
    maxDelayMs: policy.maxDelayMs ?? retry.maxDelayMs,
    factor: policy.factor ?? retry.factor,
  }
}

/**
 * Milliseconds to wait after attempt number `attempt` (1, 2 …) failed: exponential, capped, then spread by ± 20 %.
 * The spread is a hash of `seed`, so that replaying the log gives the same delay.
 */
export function backoffDelayMs(policy: CompletePolicy, attempt: number, seed: string): number {
  const raw = policy.initialDelayMs * policy.factor ** (attempt - 1)
  const capped = Math.min(raw, policy.maxDelayMs)
  return Math.round(capped * (0.8 + 0.4 * unitHash(`${seed}:${attempt}`)))
}

/** A number in [0, 1) from a text: FNV-1a with a final mix, since its low bits alone are too regular. */
function unitHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x45d9f3b)
  hash ^= hash >>> 16
  return (hash >>> 0) / 2 ** 32
}
