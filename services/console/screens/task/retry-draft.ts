import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Plan } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'
import { listReferences, parseReference, resolveTemplate } from '#workflow/decide/references.ts'
import { retryOrder } from '#workflow/plan/retry-order.ts'

type Step = Plan['steps'][number]

/** What is to be run again, as it stands in the dialog. */
export interface RetryDraft {
  /** Undefined: what failed, or was not reached. */
  readonly fromStep: string | undefined
  /** The step whose input is shown, and the text that it has become; undefined: it has none. */
  readonly step: Step | undefined
  readonly stepInput: string | undefined
  readonly taskInput: string
}

export type RetryBody =
  | { readonly body: Record<string, unknown> }
  | { readonly fault: string; readonly field: 'task' | 'step' }

/** The step whose input somebody will want to change: the one that is named, else the one that failed. Pure. */
export function stepToEdit(
  { plan, steps, error }: TaskState,
  fromStep: string | undefined,
): Step | undefined {
  const failed =
    error?.stepId?.split('.')[0] ?? plan.steps.find(({ id }) => steps[id]?.status === 'failed')?.id
  return plan.steps.find(({ id }) => id === (fromStep ?? failed))
}

/** Pure. */
export function draftOf(task: TaskState, fromStep: string | undefined): RetryDraft {
  const step = stepToEdit(task, fromStep)
  return { fromStep, step, stepInput: step && textOf(inputOf(step)), taskInput: textOf(task.input) ?? '{}' }
}

/** The input of a step with the values that its references stood for; undefined where it has none, or they are of an item. Pure. */
export function inputAsItWas(task: TaskState, step: Step): string | undefined {
  const input = inputOf(step)
  if (input === undefined) return undefined
  const references = listReferences(input).map(parseReference)
  if (references.length === 0 || references.some((reference) => reference?.source === 'local'))
    return undefined
  try {
    return textOf(resolveTemplate(input, task))
  } catch {
    return undefined
  }
}

/** The request of a draft; a text that is as it was changes nothing. Pure. */
export function retryBody(task: TaskState, draft: RetryDraft, requestId: string): RetryBody {
  const { fromStep, step, stepInput, taskInput } = draft
  const body: Record<string, unknown> = {
    requestId,
    ...(fromStep !== undefined && { fromSteps: [fromStep] }),
  }
  if (taskInput !== textOf(task.input)) {
    const parsed = parse(taskInput, 'The input of the task')
    if ('fault' in parsed) return { ...parsed, field: 'task' }
    if (!isObject(parsed.value)) return { fault: 'The input of the task must be an object', field: 'task' }
    body.input = parsed.value
  }
  if (step && stepInput !== undefined && stepInput !== textOf(inputOf(step))) {
    const parsed = parse(stepInput, `The input of ${step.id}`)
    if ('fault' in parsed) return { ...parsed, field: 'step' }
    if (!isObject(parsed.value)) return { fault: `The input of ${step.id} must be an object`, field: 'step' }
    const input = parsed.value
    body.plan = {
      ...task.plan,
      steps: task.plan.steps.map((each) => (each.id === step.id ? withInput(each, input) : each)),
    }
  }
  return { body }
}

/** Which steps run again, and which keep their results: by the very function that the server decides by. Pure. */
export function stepsAgain(
  task: TaskState,
  body: Readonly<Record<string, unknown>>,
): { again: readonly string[]; kept: readonly string[] } {
  const { results, submission } = retryOrder(task, { taskId: task.id, ...body } as never)
  const ids = (submission.plan as Plan).steps.map(({ id }) => id)
  return { again: ids.filter((id) => !Object.hasOwn(results, id)), kept: Object.keys(results) }
}

/** What goes into a step: of an agent, or of a task below. Pure. */
export function inputOf(step: Step): JsonValue | undefined {
  return (step.input ?? step.task?.input) as JsonValue | undefined
}

function withInput(step: Step, input: JsonObject): Step {
  return step.task && step.input === undefined
    ? { ...step, task: { ...step.task, input } }
    : { ...step, input }
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value, null, 2)
}

function parse(text: string, what: string): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { fault: `${what} is no JSON: ${(error as Error).message}` }
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
