import type { JsonValue } from '#schemas/json.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { untilHolds, whenHolds } from './conditions.ts'
import { stepOf } from './find-run.ts'
import { isStored, lookUp, referenceIn, resolveTemplate } from './references.ts'
import { splitRunId } from './run-id.ts'

/**
 * Values that lie in the object store are fetched by the orchestrator, which then computes with these functions what `decide` computes
 * itself where everything is in the state. Pure.
 */

/** The list of a `forEach`, or the reference to it. */
export function itemsOf(state: TaskState, stepId: string): JsonValue {
  const items = stepOf(state.plan, stepId)?.forEach?.items ?? null
  const from = referenceIn(items)
  return from === undefined ? resolveTemplate(items, state) : lookUp(from, state)
}

/** One item of a list that is in the state; undefined where it lies in the object store. */
export function inlineItem(state: TaskState, stepId: string, index: number): JsonValue | undefined {
  const items = stepOf(state.plan, stepId)?.forEach?.items ?? null
  // A list is not made anew for each of its items.
  if (Array.isArray(items)) return resolveTemplate(items[index] ?? null, state)
  const from = referenceIn(items)
  const list = from === undefined ? resolveTemplate(items, state) : lookUp(from, state)
  if (isStored(list)) return undefined
  return Array.isArray(list) ? (list[index] ?? null) : null
}

/** A value in the state that lies in the object store. */
export interface NeededValue {
  stepId: string
  /** Where the state has it; `previous`: the output of the iteration that has just ended. */
  field: 'output' | 'previous'
}

/** What a condition or a list of this step may read that lies in the object store. */
export function valuesNeeded(state: TaskState, stepId: string): NeededValue[] {
  const needs = stepOf(state.plan, stepId)?.needs ?? []
  const candidates: NeededValue[] = [
    ...needs.map((id) => ({ stepId: id, field: 'output' as const })),
    { stepId, field: 'previous' },
  ]
  return candidates.filter(({ stepId: id, field }) => {
    const value = state.steps[id]?.[field]
    return value !== undefined && isStored(value)
  })
}

/** What the condition of a step (`<step>.when`) or of its loop (`<step>.until`) comes to, with all values in their places. */
export function evaluateRun(state: TaskState, runId: string): StepOutcome {
  const { stepId, part } = splitRunId(runId)
  const step = stepOf(state.plan, stepId)
  const current = state.steps[stepId]
  if (!step || !current) return failed(`there is no step "${stepId}"`)
  const condition =
    part === 'when'
      ? whenHolds(state, step)
      : untilHolds(state, step, { output: current.previous ?? null, iteration: current.iteration ?? 0 })
  if (condition === 'stored') return failed('a value that it reads could not be fetched')
  return condition.ok ? { kind: 'done', output: condition.value } : { kind: 'fail', error: condition.error }
}

function failed(message: string): StepOutcome {
  return { kind: 'fail', error: { code: 'EXPRESSION_FAILED', message } }
}
