import { DEFAULTS } from '#schemas/limits.ts'
import type { RetryPolicy } from '#schemas/plan.ts'

/** A policy with nothing left out. */
export type CompletePolicy = { [Key in keyof RetryPolicy]-?: NonNullable<RetryPolicy[Key]> }

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
