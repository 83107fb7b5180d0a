import { isForNow, MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import type { KeptItem } from './commands.ts'
import { evaluateRun, itemsOf, valuesNeeded } from './evaluations.ts'
import { asOutput, resultError } from './result-output.ts'
import { splitRunId } from './run-id.ts'

/** Where values are that a plan decides on and that are not in its state. */
export interface StoredSources {
  /** The value that a reference stands for; anything else is given back. @throws MurmurError */
  load: (value: JsonValue | undefined) => Promise<JsonValue>
  /** What became of the items of a list, in their order; undefined of one: not known yet. */
  readItems: (stepId: string, total: number) => Promise<readonly (KeptItem['outcome'] | undefined)[]>
  /** Where a long list of outputs is put. */
  blobs: Pick<BlobStore, 'keep'>
}

/**
 * What an evaluation comes to (`<step>.when`, `.until`, `.items`, `.outputs`): values are fetched, and computed with what `decide` computes
 * with. The same state and the same values give the same.
 * @throws MurmurError UNAVAILABLE: nobody can say now; what is no MurmurError
 */
export async function evaluationOutcome(
  state: TaskState,
  runId: string,
  sources: StoredSources,
): Promise<StepOutcome> {
  const { stepId, part } = splitRunId(runId)
  try {
    if (part === 'outputs') return { kind: 'done', output: await outputsOf(state, stepId, sources) }
    if (part === 'items') return await itemsOutcome(state, stepId, sources)
    return evaluateRun(await withValues(state, stepId, sources), runId)
  } catch (error) {
    const problem = toProblem(error)
    if (isForNow(problem.code) || !(error instanceof MurmurError)) throw error
    return {
      kind: problem.status >= 500 ? 'retry' : 'fail',
      error: resultError(problem.code, problem.message),
    }
  }
}

/** The value of one item of a list that lies in the object store. @throws MurmurError */
export async function storedItem(
  state: TaskState,
  stepId: string,
  index: number,
  sources: Pick<StoredSources, 'load'>,
): Promise<JsonValue> {
  const list = await sources.load(itemsOf(await withValues(state, stepId, sources), stepId))
  return Array.isArray(list) ? (list[index] ?? null) : null
}

async function itemsOutcome(state: TaskState, stepId: string, sources: StoredSources): Promise<StepOutcome> {
  const list = await sources.load(itemsOf(await withValues(state, stepId, sources), stepId))
  if (!Array.isArray(list)) {
    const message = `"items" of step "${stepId}" comes to ${list === null ? 'nothing' : typeof list}: it has to be a list`
    return { kind: 'fail', error: resultError('ITEMS_INVALID', message) }
  }
  if (list.length > LIMITS.forEachItems) {
    const message = `"items" of step "${stepId}" has ${list.length} items, at most ${LIMITS.forEachItems} are allowed`
    return { kind: 'fail', error: resultError('LIMIT_EXCEEDED', message) }
  }
  return { kind: 'done', output: { total: list.length } }
}

/** The outputs of all items as one list. */
async function outputsOf(state: TaskState, stepId: string, sources: StoredSources): Promise<JsonValue> {
  const total = state.steps[stepId]?.items?.total ?? 0
  const outcomes = await sources.readItems(stepId, total)
  const outputs = outcomes.map((outcome): JsonValue => {
    if (outcome === undefined)
      throw new MurmurError('UNAVAILABLE', `the outcome of an item of step "${stepId}" is not known yet`)
    return 'error' in outcome ? { error: outcome.error as unknown as JsonObject } : outcome.output
  })
  return asOutput(outputs, { folder: `tasks/${state.id}/${stepId}`, tenant: state.tenant }, sources.blobs)
}

/** The state with those outputs in their places that a condition or a list of this step refers to. */
async function withValues(
  state: TaskState,
  stepId: string,
  { load }: Pick<StoredSources, 'load'>,
): Promise<TaskState> {
  const steps: Record<string, StepState> = { ...state.steps }
  await Promise.all(
    valuesNeeded(state, stepId).map(async ({ stepId: id, field }) => {
      const value = await load(state.steps[id]?.[field])
      steps[id] = { ...steps[id]!, [field]: value }
    }),
  )
  return { ...state, steps }
}
