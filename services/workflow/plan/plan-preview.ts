import { DEFAULTS } from '#schemas/limits.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'

/**
 * Ids of the steps that can run at the same time, first the first: each step is in the stage behind the last one that it needs.
 * Pure; the plan has been checked, so there is no cycle in it.
 */
export function stagesOf({ steps }: Plan): string[][] {
  const needs = new Map(steps.map((step) => [step.id, step.needs ?? []]))
  const stages: string[][] = []
  const placed = new Set<string>()
  while (placed.size < needs.size) {
    const stage = [...needs.keys()].filter(
      (id) => !placed.has(id) && needs.get(id)!.every((one) => placed.has(one)),
    )
    if (stage.length === 0) throw new Error('the plan has a cycle')
    for (const id of stage) placed.add(id)
    stages.push(stage)
  }
  return stages
}

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
