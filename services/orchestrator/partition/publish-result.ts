import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepOutcome, StepResult } from '#schemas/step-message.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'

/** The attempt of a run that the orchestrator itself answers for. */
export interface AnsweredAttempt {
  taskId: string
  runId: string
  attempt: number
  /** A name of RESERVED_AGENTS. */
  agent: string
  /** Who answers: an orchestrator, or a child task. */
  instance: string
  startedAtMs: number
  finishedAtMs: number
}

export interface ResultDeps {
  bus: Bus
  partitions: number
}

const MAX_MESSAGE_CHARACTERS = 2000

/** Writes the result of an attempt into the log, as an agent would. The same result again is dropped by the broker. */
export async function publishResult(
  { bus, partitions }: ResultDeps,
  about: AnsweredAttempt,
  outcome: StepOutcome,
): Promise<void> {
  const { taskId, runId, attempt, agent, instance, startedAtMs, finishedAtMs } = about
  const result: StepResult = {
    v: 1,
    taskId,
    stepId: runId,
    attempt,
    instance,
    startedAtMs,
    finishedAtMs,
    outcome,
  }
  await bus.publisher.publish(
    SUBJECTS.result(partitionOf(taskId, partitions), agent),
    JSON.stringify(result),
    {
      msgId: MESSAGE_IDS.result(taskId, runId, attempt, { instance, startedAtMs }),
    },
  )
}

/** An error as a result may carry it. */
export function resultError(code: string, message: string): TaskError {
  return { code, message: message.slice(0, MAX_MESSAGE_CHARACTERS) }
}

/** A value as an output: itself, or where it is large a reference to it in the object store, named by its content. */
export async function asOutput(
  value: JsonValue,
  folder: string,
  blobs: Pick<BlobStore, 'keep'>,
): Promise<JsonValue> {
  const text = JSON.stringify(value)
  const { inlineOutputBytes } = LIMITS
  // A character takes three bytes at most, so most outputs need no counting.
  if (text.length * 3 <= inlineOutputBytes) return value
  const bytes = Buffer.from(text)
  if (bytes.length <= inlineOutputBytes) return value
  const ref = await blobs.keep(folder, bytes, { contentType: 'application/json' })
  return { $json: ref as unknown as JsonObject }
}
