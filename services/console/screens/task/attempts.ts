import type { JsonValue } from '#schemas/json.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { TaskState } from '#schemas/task.ts'
import type { StepStatus } from '#schemas/task-status.ts'

/** One attempt of a run, as the log tells it. Unix milliseconds. */
export interface AttemptRecord {
  readonly runId: string
  readonly attempt: number
  /** When it was put on its queue. */
  queuedAtMs?: number
  startedAtMs?: number
  finishedAtMs?: number
  /** When the next attempt was due. */
  retryAtMs?: number
  instance?: string
  status?: StepStatus
  error?: TaskError
  output?: JsonValue
}

/** More are not kept: nobody looks at so many bars, and each has its output. */
const MAX_RECORDS = 50_000

/** Every attempt of every run, as many as there is room for, from the events and what was decided on them, one event after the other. */
export class AttemptRecords {
  readonly #byRun = new Map<string, AttemptRecord[]>()
  #count = 0

  /** A copy that stays as it is, but for the records in it. */
  get byRun(): ReadonlyMap<string, readonly AttemptRecord[]> {
    return new Map(this.#byRun)
  }

  add(before: TaskState | undefined, after: TaskState | undefined, event: LogEvent): void {
    for (const [runId, run] of changedRuns(before, after)) {
      if (run.status === 'dispatched')
        this.#recordOf(runId, run.attempt).queuedAtMs ??= run.dispatchedAtMs ?? event.atMs
      if (run.status === 'backoff' && run.retryAtMs !== undefined)
        this.#recordOf(runId, run.attempt).retryAtMs = run.retryAtMs
    }
    if (event.kind === 'started') {
      const record = this.#recordOf(event.body.stepId, event.body.attempt)
      record.startedAtMs ??= event.atMs
      record.instance = event.body.instance
      record.status = 'dispatched'
    }
    if (event.kind === 'result') {
      const { stepId, attempt, startedAtMs, finishedAtMs, instance, outcome } = event.body
      const record = this.#recordOf(stepId, attempt)
      record.startedAtMs = startedAtMs
      record.finishedAtMs = finishedAtMs
      record.instance = instance
      if ('error' in outcome && outcome.error) record.error = outcome.error
      if ('output' in outcome && outcome.output !== undefined) record.output = outcome.output
      record.status = record.error ? 'failed' : 'completed'
    }
  }

  #recordOf(runId: string, attempt: number): AttemptRecord {
    const records = this.#byRun.get(runId) ?? []
    const known = records.find((record) => record.attempt === attempt)
    if (known) return known
    const record: AttemptRecord = { runId, attempt }
    if (this.#count >= MAX_RECORDS) return record
    this.#count++
    records.push(record)
    this.#byRun.set(runId, records)
    return record
  }
}

type AnyRun = {
  status: string
  attempt: number
  dispatchedAtMs?: number | undefined
  retryAtMs?: number | undefined
}

function changedRuns(
  before: TaskState | undefined,
  after: TaskState | undefined,
): [runId: string, run: AnyRun][] {
  if (!after || after === before) return []
  const runs: [string, AnyRun][] = []
  for (const [id, step] of Object.entries(after.steps)) {
    const was = before?.steps[id]
    if (was === step) continue
    if (!step.runs) runs.push([id, step])
    else
      for (const [name, run] of Object.entries(step.runs))
        if (was?.runs?.[name] !== run) runs.push([`${id}.${name}`, run])
  }
  return runs
}
