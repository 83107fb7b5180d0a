import type { JsonValue } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import { kindOf, type Plan, type Step } from '#schemas/plan.ts'
import { DEFAULT_CONCURRENCY } from '../decide/for-each.ts'
import { referenceIn } from '../decide/references.ts'

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
  const warnings = plan.steps.flatMap((step) => {
    const { id, timeoutMs, queueTimeoutMs, retry } = step
    const found = warningsOfKind(step, availableMs)
    if (timeoutMs !== undefined && timeoutMs > availableMs)
      found.push(`step "${id}" may run for ${timeoutMs} ms, the task ends after ${availableMs} ms`)
    if (queueTimeoutMs !== undefined && queueTimeoutMs > availableMs)
      found.push(`step "${id}" may wait for ${queueTimeoutMs} ms, the task ends after ${availableMs} ms`)
    if (step.agent === undefined) return found
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

/** Times that a step of another kind than an agent's can't have, or has in vain. */
function warningsOfKind({ id, sleep, waitFor, approval, repeat, task }: Step, availableMs: number): string[] {
  const end = `the task ends after ${availableMs} ms`
  const found: string[] = []
  if (sleep && 'ms' in sleep && sleep.ms >= availableMs)
    found.push(`step "${id}" sleeps for ${sleep.ms} ms, ${end}`)
  const waitMs = waitFor?.timeoutMs ?? approval?.timeoutMs
  if (waitMs !== undefined && waitMs > availableMs) found.push(`step "${id}" waits for ${waitMs} ms, ${end}`)
  const lateMs = approval?.escalation
    ?.map(({ afterMs }) => afterMs)
    .find((ms) => ms >= (waitMs ?? availableMs))
  if (lateMs !== undefined)
    found.push(`step "${id}" is escalated after ${lateMs} ms, when nobody is asked any more`)
  const pausesMs = repeat ? (repeat.delayMs ?? 0) * (repeat.maxIterations - 1) : 0
  if (pausesMs >= availableMs && pausesMs > 0)
    found.push(`step "${id}" may wait for ${pausesMs} ms between its iterations, ${end}`)
  if (task?.deadlineMs !== undefined && task.deadlineMs > availableMs)
    found.push(`the child task of step "${id}" may take ${task.deadlineMs} ms, ${end}`)
  return found
}

/** What a step does and when, in a sentence for people: its kind, how often, under which condition, and what if it fails. Pure. */
export function describeStep(step: Step): string {
  const parts = [verbOf(step)]
  if (step.when !== undefined) parts.unshift(`if ${step.when}:`)
  if (step.forEach)
    parts.push(
      `for each item of ${itemsText(step.forEach.items)}, ${step.forEach.concurrency ?? DEFAULT_CONCURRENCY} at a time`,
    )
  if (step.repeat) parts.push(`until ${step.repeat.until}, at most ${step.repeat.maxIterations} times`)
  const after: string[] = []
  if (step.fallback) after.push(`if it fails, agent ${step.fallback.agent} instead`)
  if (step.onFailure === 'continue') after.push('the plan goes on without it')
  if (step.compensate) after.push(`undone by agent ${step.compensate.agent}`)
  return [parts.join(' '), ...after].join('; ')
}

function verbOf(step: Step): string {
  switch (kindOf(step)) {
    case 'agent':
      return `agent ${step.agent}`
    case 'task':
      return `child task of type ${step.task!.type}`
    case 'sleep':
      return 'ms' in step.sleep!
        ? `sleeps for ${step.sleep.ms} ms`
        : `sleeps until ${text(step.sleep!.until)}`
    case 'waitFor':
      return `waits for the signal ${step.waitFor!.signal}${limitText(step.waitFor!.timeoutMs)}`
    case 'approval':
      return `asks for approval: ${step.approval!.title}${limitText(step.approval!.timeoutMs)}`
  }
}

function limitText(timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? '' : `, at most ${timeoutMs} ms`
}

function itemsText(items: JsonValue): string {
  return Array.isArray(items) ? `a list of ${items.length}` : text(items)
}

function text(value: JsonValue): string {
  return referenceIn(value) ?? JSON.stringify(value)
}
