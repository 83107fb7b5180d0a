import type { Plan, Step } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'

/** A step and how many others it has before it at least, one behind the other. */
export interface LeveledStep {
  step: Step
  level: number
}

/** The steps of a plan, each behind those it needs, in the plan's own order where that leaves a choice. */
export function stepsByLevel(plan: Plan): LeveledStep[] {
  const levels = new Map<string, number>()
  const byId = new Map(plan.steps.map((step) => [step.id, step]))
  const levelOf = (step: Step): number => {
    const known = levels.get(step.id)
    if (known !== undefined) return known
    // Accepted plans have no cycles; were there one, it would end here.
    levels.set(step.id, 0)
    const needs = (step.needs ?? []).flatMap((id) => byId.get(id) ?? [])
    const level = needs.length === 0 ? 0 : 1 + Math.max(...needs.map(levelOf))
    levels.set(step.id, level)
    return level
  }
  return plan.steps.map((step) => ({ step, level: levelOf(step) })).sort((a, b) => a.level - b.level)
}

/** `ingest-1, ingest-2 … ingest-9`: enough to know which. */
export function listShortly(ids: readonly string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 2).join(', ')} … ${ids.at(-1)}`
}

/** What a step works on, where its input has a name: one that is written in it, or one that it refers to. */
export function inputNameOf(step: Step, task: TaskState): string {
  const { input } = step
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return ''
  if (typeof input.name === 'string') return input.name
  if (typeof input.$from !== 'string' || !input.$from.startsWith('input.')) return ''
  let value: unknown = task.input
  for (const key of input.$from.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null) return ''
    value = Object.entries(value).find(([name]) => name === key)?.[1]
  }
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : ''
  return typeof name === 'string' ? name : ''
}
