import type { Bus } from '#platform/nats/bus.ts'
import type { StepOutcome, StepResult } from '#schemas/step-message.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { type StepTokens, tokenField } from './step-tokens.ts'

/** The attempt of a run that the orchestrator itself answers for. */
export interface AnsweredAttempt {
  tenant: string
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
  /** Gives attempts what proves that they were handed out. */
  tokens?: StepTokens | undefined
}

/** Writes the result of an attempt into the log, as an agent would. The same result again is dropped by the broker. */
export async function publishResult(
  { bus, partitions, tokens }: ResultDeps,
  about: AnsweredAttempt,
  outcome: StepOutcome,
): Promise<void> {
  const { tenant, taskId, runId, attempt, agent, instance, startedAtMs, finishedAtMs } = about
  const result: StepResult = {
    v: 1,
    taskId,
    stepId: runId,
    attempt,
    instance,
    startedAtMs,
    finishedAtMs,
    outcome,
    ...tokenField(tokens, { taskId, stepId: runId, attempt, agent }),
  }
  await bus.publisher.publish(
    SUBJECTS.result(partitionOf(taskId, partitions), agent),
    JSON.stringify(result),
    {
      msgId: MESSAGE_IDS.result(taskId, runId, attempt, { instance, startedAtMs }),
      payload: { tenant, taskId },
    },
  )
}
