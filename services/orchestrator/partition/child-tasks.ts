import type { Clock } from '#platform/clock/clock.ts'
import { isForNow, MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { Parent, TaskControl } from '#schemas/log-event.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { Submission, SubmissionReceipt } from '#schemas/submission.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { type ChildOrder, childOrder } from '#workflow/decide/child-order.ts'
import { childOutcome, unstartedChildOutcome } from '#workflow/decide/child-outcome.ts'
import { resultError } from '#workflow/decide/result-output.ts'
import { RESERVED_AGENTS } from '#workflow/decide/run-body.ts'
import type { EndedTasks } from '../history/ended-tasks.ts'
import type { ObjectOwners } from '../intake/object-owners.ts'
import type { PartitionStore } from './partition-store.ts'
import { publishResult } from './publish-result.ts'
import type { StepTokens } from './step-tokens.ts'
import { traceOfChild } from './task-spans.ts'

/** Takes in a child: checked like any submission, but not counted against the quota of its tenant, which its parent was. */
export type AcceptChild = (
  tenant: string,
  submission: Submission,
  about: { taskId: string; parent: Parent },
  traceparent?: string,
) => Promise<SubmissionReceipt>

export interface ChildTasksDeps {
  bus: Bus
  blobs: Pick<BlobStore, 'keep'>
  store: Pick<PartitionStore, 'readTasks' | 'position'>
  /** Those that have ended and are not in the store any more. */
  ended?: Pick<EndedTasks, 'find'> | undefined
  partitions: number
  tokens?: StepTokens | undefined
  /** Who answers for children that could not be started. */
  instance: string
  accept: AcceptChild
  owners?: Pick<ObjectOwners, 'assertInput'> | undefined
  clock: Clock
  log: Log
}

/** Starts, ends and reports child tasks: what a plan asks for in one partition happens in another. Every message has an id that makes twice harmless. */
export class ChildTasks {
  readonly #deps: ChildTasksDeps
  /** Starts that are on their way, so that the end of a child is not told before its beginning. */
  readonly #starting = new Map<string, Promise<void>>()

  constructor(deps: ChildTasksDeps) {
    this.#deps = deps
  }

  /** Resolves when the child is in its log, or its run has failed in that of the parent. @throws MurmurError UNAVAILABLE */
  start(
    state: TaskState,
    { runId, attempt, item }: { runId: string; attempt: number; item?: JsonValue | undefined },
  ): Promise<void> {
    const order = childOrder(state, runId, attempt, item)
    if (!order) return Promise.resolve()
    const { childId } = order
    const started = this.#start(state, order).finally(() => this.#starting.delete(childId))
    this.#starting.set(childId, started)
    return started
  }

  /**
   * The child is not wanted any more. Resolves when it is told. The start of an owner before may still be on its way: the cancel takes the
   * message id of the start, so that one that comes after it is a double to the broker, for as long as the log knows ids.
   * @throws MurmurError UNAVAILABLE
   */
  async cancel(childId: string, reason: string): Promise<void> {
    await this.#starting.get(childId)?.catch(() => {})
    const { bus, partitions } = this.#deps
    const control: TaskControl = { v: 1, taskId: childId, action: 'cancel', reason }
    const subject = SUBJECTS.log(partitionOf(childId, partitions), 'control')
    const payload = JSON.stringify(control)
    const { duplicate } = await bus.publisher.publish(subject, payload, {
      msgId: MESSAGE_IDS.accepted(childId),
    })
    // It had been started a moment ago, or cancelled.
    if (duplicate)
      await bus.publisher.publish(subject, payload, { msgId: MESSAGE_IDS.cancelledByParent(childId) })
  }

  /** Tells the parent how its child ended. @throws MurmurError UNAVAILABLE; OVERLOADED */
  async report(child: TaskState): Promise<void> {
    const { parent, id, createdAtMs, finishedAtMs = createdAtMs } = child
    if (!parent || !isTerminal(child.status)) return
    const about = {
      tenant: child.tenant,
      taskId: parent.taskId,
      runId: parent.stepId,
      attempt: parent.attempt,
      agent: RESERVED_AGENTS.childTask,
      instance: id,
      startedAtMs: createdAtMs,
      finishedAtMs,
    }
    await publishResult(this.#deps, about, await this.#outcomeOf(child))
  }

  /** What its agents have named is no more the parent's than it is the child's. @throws MurmurError UNAVAILABLE */
  async #outcomeOf(child: TaskState): Promise<StepOutcome> {
    try {
      await this.#deps.owners?.assertInput(child, child.output ?? null)
    } catch (error) {
      const { code, message } = toProblem(error)
      if (isForNow(code) || !(error instanceof MurmurError)) throw error
      return { kind: 'fail', error: resultError(code, `child task ${child.id}: ${message}`) }
    }
    return childOutcome(child, this.#deps.blobs)
  }

  async #start(state: TaskState, order: ChildOrder): Promise<void> {
    const { accept, store, partitions, clock, instance, log, owners, ended } = this.#deps
    const { childId, runId, attempt, submission, parent } = order
    try {
      await owners?.assertInput(state, submission.input ?? {})
      const { duplicate } = await accept(
        state.tenant,
        submission,
        { taskId: childId, parent },
        traceOfChild(state, runId),
      )
      if (!duplicate) return
      // It may have ended before this owner came, and what it reported be lost with the one before.
      const partition = partitionOf(childId, partitions)
      const [stored] = await store.readTasks(partition, [childId])
      const child = stored ?? (ended && (await ended.find(childId, await store.position(partition))))
      if (child && isTerminal(child.status)) await this.report(child)
    } catch (error) {
      const outcome = unstartedChildOutcome(error)
      if (!outcome) throw error
      log.warn({ taskId: state.id, runId, childId, err: error }, 'a child task could not be started')
      const nowMs = clock.nowMs()
      await publishResult(
        this.#deps,
        {
          tenant: state.tenant,
          taskId: state.id,
          runId,
          attempt,
          agent: RESERVED_AGENTS.childTask,
          instance,
          startedAtMs: nowMs,
          finishedAtMs: nowMs,
        },
        outcome,
      )
    }
  }
}
