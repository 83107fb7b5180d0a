import { DEFAULTS } from '#schemas/limits.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'

/** Warnings about one submission, at most: people read them. */
const MAX_WARNINGS = 20

/**
 * What can be submitted and will hardly work as its author thinks: limits in it that contradict each other. Sentences for
 * people. Pure.
 */
export function planWarnings({ plan, deadlineMs, delayMs }: TaskAccepted): string[] {
  const availableMs = deadlineMs - delayMs
  const warnings = plan.steps.flatMap(({ id, timeoutMs, queueTimeoutMs, retry }) => {
    const found: string[] = []
    if (timeoutMs !== undefined && timeoutMs > availableMs)
      found.push(`step "${id}" may run for ${timeoutMs} ms, the task ends after ${availableMs} ms`)
    if (queueTimeoutMs !== undefined && queueTimeoutMs > availableMs)
      found.push(`step "${id}" may wait for ${queueTimeoutMs} ms, the task ends after ${availableMs} ms`)
    const firstDelayMs = retry?.initialDelayMs ?? DEFAULTS.retry.initialDelayMs
    if (retry?.maxAttempts !== 1 && firstDelayMs >= availableMs)
      found.push(
        `step "${id}" is tried again after ${firstDelayMs} ms, the task ends after ${availableMs} ms`,
      )
    return found
  })
  if (warnings.length <= MAX_WARNINGS) return warnings
  return [...warnings.slice(0, MAX_WARNINGS), `and ${warnings.length - MAX_WARNINGS} more like these`]
}
