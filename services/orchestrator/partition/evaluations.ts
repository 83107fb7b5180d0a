import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import { evaluateRun, itemsOf, valuesNeeded } from '#workflow/decide/evaluations.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { RESERVED_AGENTS } from '#workflow/decide/run-body.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import type { PartitionStore } from './partition-store.ts'
import { asOutput, publishResult, resultError } from './publish-result.ts'
import type { StoredValues } from './stored-values.ts'

export interface EvaluationsDeps {
  bus: Bus
  blobs: Pick<BlobStore, 'keep'>
  values: StoredValues
  store: Pick<PartitionStore, 'readItems'>
  partition: number
  partitions: number
  instance: string
  clock: Clock
}

/** Items read by one call: some megabytes. */
const ITEMS_A_READ = 1000

/** Values that a plan decides on and that are not in its state: fetched, computed by the same pure functions, and written into the log as results. */
export class Evaluations {
  readonly #deps: EvaluationsDeps

  constructor(deps: EvaluationsDeps) {
    this.#deps = deps
  }

  /** Resolves when the result is in the log. @throws MurmurError UNAVAILABLE */
  async evaluate(state: TaskState, runId: string, attempt: number): Promise<void> {
    const run = runStateOf(state, runId)
    if (run?.status !== 'dispatched' || run.attempt !== attempt) return
    const startedAtMs = this.#deps.clock.nowMs()
    const outcome = await this.#outcome(state, runId)
    const about = {
      ...{ taskId: state.id, runId, attempt, agent: RESERVED_AGENTS.evaluation },
      ...{ instance: this.#deps.instance, startedAtMs, finishedAtMs: this.#deps.clock.nowMs() },
    }
    await publishResult(this.#deps, about, outcome)
  }

  /** The value of one item of a list that lies in the object store. @throws MurmurError */
  async itemOf(state: TaskState, stepId: string, index: number): Promise<JsonValue> {
    const items = itemsOf(await this.#withValues(state, stepId), stepId)
    const list = await this.#deps.values.load(items)
    return Array.isArray(list) ? (list[index] ?? null) : null
  }

  async #outcome(state: TaskState, runId: string): Promise<StepOutcome> {
    const { stepId, part } = splitRunId(runId)
    try {
      if (part === 'outputs') return { kind: 'done', output: await this.#outputs(state, stepId) }
      if (part === 'items') return await this.#items(state, stepId)
      return evaluateRun(await this.#withValues(state, stepId), runId)
    } catch (error) {
      const problem = toProblem(error)
      if (problem.code === 'UNAVAILABLE' || !(error instanceof MurmurError)) throw error
      return {
        kind: problem.status >= 500 ? 'retry' : 'fail',
        error: resultError(problem.code, problem.message),
      }
    }
  }

  async #items(state: TaskState, stepId: string): Promise<StepOutcome> {
    const list = await this.#deps.values.load(itemsOf(await this.#withValues(state, stepId), stepId))
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
  async #outputs(state: TaskState, stepId: string): Promise<JsonValue> {
    const { store, partition, blobs } = this.#deps
    const total = state.steps[stepId]?.items?.total ?? 0
    const starts = Array.from({ length: Math.ceil(total / ITEMS_A_READ) }, (_, i) => i * ITEMS_A_READ)
    const parts = await Promise.all(
      starts.map((from) =>
        store.readItems(partition, {
          ...{ taskId: state.id, stepId, from },
          count: Math.min(ITEMS_A_READ, total - from),
        }),
      ),
    )
    const outputs = parts.flat().map((outcome): JsonValue => {
      if (outcome === undefined)
        throw new MurmurError('UNAVAILABLE', `the outcome of an item of step "${stepId}" is not known yet`)
      return 'error' in outcome ? { error: outcome.error as unknown as JsonObject } : outcome.output
    })
    return asOutput(outputs, `tasks/${state.id}/${stepId}`, blobs)
  }

  /** The state with those outputs in their places that a condition or a list of this step refers to. */
  async #withValues(state: TaskState, stepId: string): Promise<TaskState> {
    const steps: Record<string, StepState> = { ...state.steps }
    await Promise.all(
      valuesNeeded(state, stepId).map(async ({ stepId: id, field }) => {
        const value = await this.#deps.values.load(state.steps[id]?.[field])
        steps[id] = { ...steps[id]!, [field]: value }
      }),
    )
    return { ...state, steps }
  }
}
