import type { Clock } from '#platform/clock/clock.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { RESERVED_AGENTS } from '#workflow/decide/run-body.ts'
import { evaluationOutcome, type StoredSources, storedItem } from '#workflow/decide/stored-evaluations.ts'
import type { ObjectOwners } from '../intake/object-owners.ts'
import type { PartitionStore } from './partition-store.ts'
import { publishResult } from './publish-result.ts'
import type { StepTokens } from './step-tokens.ts'
import { type StoredValues, storedIn } from './stored-values.ts'

export interface EvaluationsDeps {
  bus: Bus
  blobs: Pick<BlobStore, 'keep'>
  values: StoredValues
  store: Pick<PartitionStore, 'readItems'>
  owners?: Pick<ObjectOwners, 'assertInput'> | undefined
  partition: number
  partitions: number
  tokens?: StepTokens | undefined
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
    const outcome = await evaluationOutcome(state, runId, this.#sources(state))
    const about = {
      ...{ tenant: state.tenant, taskId: state.id, runId, attempt, agent: RESERVED_AGENTS.evaluation },
      ...{ instance: this.#deps.instance, startedAtMs, finishedAtMs: this.#deps.clock.nowMs() },
    }
    await publishResult(this.#deps, about, outcome)
  }

  /** The value of one item of a list that lies in the object store. @throws MurmurError */
  itemOf(state: TaskState, stepId: string, index: number): Promise<JsonValue> {
    return storedItem(state, stepId, index, this.#sources(state))
  }

  #sources(state: TaskState): StoredSources {
    const { values, blobs, owners } = this.#deps
    return {
      load: async (value) => {
        // Only what is fetched is asked about: what lies within it stays there.
        if (storedIn(value)) await owners?.assertInput(state, value ?? null)
        return values.load(value)
      },
      readItems: (stepId, total) => this.#readItems(state, stepId, total),
      blobs,
    }
  }

  async #readItems({ id: taskId }: TaskState, stepId: string, total: number) {
    const { store, partition } = this.#deps
    const starts = Array.from({ length: Math.ceil(total / ITEMS_A_READ) }, (_, i) => i * ITEMS_A_READ)
    const parts = await Promise.all(
      starts.map((from) =>
        store.readItems(partition, {
          ...{ taskId, stepId, from },
          count: Math.min(ITEMS_A_READ, total - from),
        }),
      ),
    )
    return parts.flat()
  }
}
