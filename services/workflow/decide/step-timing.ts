import { DEFAULTS, LIMITS } from '#schemas/limits.ts'
import type { RetryPolicy } from '#schemas/plan.ts'
import { siteOfAgent } from '#schemas/site.ts'
import type { RunState } from '#schemas/task.ts'
import { RESERVED_AGENTS, type RunBody } from './run-body.ts'
import { unitHash } from './unit-hash.ts'

/** How long after the time of a run the orchestrator waits: an agent's own timer comes first, and says what it was doing. */
const RUN_GRACE_MS = 3000
/** An agent that began just before the time in the queue was up tells so a second later. */
const QUEUE_GRACE_MS = 3000
/** Timers are fired by an estimate of the broker's time, which may be ahead by so much. */
const EARLY_MS = 1000

/** Until when an attempt that is put on its queue at `atMs` may wait for an agent. Unix ms. */
export function expiryOf(body: Pick<RunBody, 'queueTimeoutMs'>, atMs: number, deadlineAtMs: number): number {
  return Math.min(atMs + (body.queueTimeoutMs ?? Number.POSITIVE_INFINITY), deadlineAtMs)
}

/** When an attempt that is known to run since `atMs` is given up. From a site it may be told only when the link is back. Unix ms. */
export function runEndOf(timeoutMs: number, atMs: number, agent: string): number {
  return atMs + timeoutMs + (siteOfAgent(agent) === undefined ? RUN_GRACE_MS : LIMITS.siteCutMs)
}

/** What a run that is due waits for no longer. */
export type StepDue = 'run-time' | 'queue-time' | 'retry' | 'wake'

/** Statuses of steps that do nothing but wait. */
const WAITING: ReadonlySet<string> = new Set(['sleeping', 'awaiting-signal', 'awaiting-approval'])

/** What a run waits for, and until when; undefined where only the task's deadline counts. */
export function dueOf(
  step: RunState & { wakeAtMs?: number | undefined },
  deadlineAtMs: number,
): { what: StepDue; atMs: number } | undefined {
  if (step.status === 'backoff')
    return step.retryAtMs === undefined ? undefined : { what: 'retry', atMs: step.retryAtMs }
  if (step.wakeAtMs !== undefined && WAITING.has(step.status)) return { what: 'wake', atMs: step.wakeAtMs }
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
export function isExpired(step: RunState, atMs: number): boolean {
  return step.expiresAtMs !== undefined && step.expiresAtMs <= atMs + EARLY_MS
}

/** A policy with nothing left out. */
export type CompletePolicy = {
  [Key in Exclude<keyof RetryPolicy, 'byCode'>]-?: NonNullable<RetryPolicy[Key]>
}

/** A child task retries its own steps, and a value that can't be fetched now can be a little later. */
const OTHER_DEFAULTS: ReadonlyMap<string, RetryPolicy> = new Map([
  [RESERVED_AGENTS.childTask, { maxAttempts: 1 }],
  [RESERVED_AGENTS.evaluation, { maxAttempts: 10, initialDelayMs: 500 }],
])

/** The policy that holds after an attempt ended with this code. */
export function policyAfter(
  { agent, retry = {} }: Pick<RunBody, 'agent' | 'retry'>,
  code: string,
): CompletePolicy {
  const { byCode, ...policy } = retry
  const special = byCode && Object.hasOwn(byCode, code) ? byCode[code] : undefined
  return completePolicy({ ...OTHER_DEFAULTS.get(agent), ...policy, ...special })
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
