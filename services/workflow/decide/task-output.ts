import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import { resolveTemplate } from './references.ts'

/** The output of a task: its plan's own template, or the outputs of the steps that no other step needs. Pure. */
export function outputOf(state: TaskState): JsonValue {
  const { plan } = state
  if (plan.output !== undefined) return resolveTemplate(plan.output, state)
  const needed = new Set(plan.steps.flatMap((step) => step.needs ?? []))
  const output: JsonObject = {}
  for (const { id } of plan.steps) {
    if (!needed.has(id)) output[id] = state.steps[id]?.output ?? null
  }
  return output
}
