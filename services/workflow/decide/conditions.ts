import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { TaskState } from '#schemas/task.ts'
import { evaluateCondition, pathsOf, type Scope } from '../expressions/expression.ts'
import { isStored, partOf } from './references.ts'

/** What a condition comes to. `stored`: something that it reads lies in the object store, and has to be fetched first. */
export type Condition = { ok: true; value: boolean } | { ok: false; error: TaskError } | 'stored'

/** Whether a step is to run, by its `when`. Pure. */
export function whenHolds(state: TaskState, step: Step): Condition {
  return evaluated(step.when!, scopeOf(state, step))
}

/** Whether a loop is over, by its `until`; `output` is that of the iteration that has ended. Pure. */
export function untilHolds(
  state: TaskState,
  step: Step,
  { output, iteration }: { output: JsonValue; iteration: number },
): Condition {
  return evaluated(step.repeat!.until, { ...scopeOf(state, step), output, iteration })
}

function evaluated(expression: string, scope: Scope): Condition {
  if (pathsOf(expression).some((path) => isBehindReference(scope, path))) return 'stored'
  const result = evaluateCondition(expression, scope)
  return result.ok ? result : { ok: false, error: { code: result.code, message: result.message } }
}

/** Whether the way to a value leads through a reference to the object store. */
function isBehindReference(scope: Scope, path: readonly string[]): boolean {
  return isStored(partOf(scope as JsonObject, path))
}

/** What expressions of a step may name: the task's input, and the steps that it needs. */
function scopeOf({ input, steps }: TaskState, { needs = [] }: Step): Scope {
  const known: JsonObject = {}
  for (const id of needs) {
    const { status = 'waiting', output = null, error } = steps[id] ?? {}
    known[id] = { status, output, error: error ? { code: error.code, message: error.message } : null }
  }
  return { input, steps: known }
}
