import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { buildBuriedMessage, buildStepMessage } from '../decide/build-step-message.ts'
import type { DispatchedSteps } from './dispatched-steps.ts'
import type { TaskCommands } from './fold-batch.ts'
import type { PartitionObserver } from './partition-observer.ts'

/** The output side of a partition: carries out commands. */
export interface Emitter {
  /** Resolves when everything that must not be lost is stored by the broker. */
  emit(work: readonly TaskCommands[]): Promise<void>
}

/** Sends steps to their queues, under ids that make sending twice harmless, and events to whoever watches. */
export class NatsEmitter implements Emitter {
  readonly #bus: Bus
  readonly #blobs: BlobStore
  readonly #partition: number
  readonly #observer: PartitionObserver
  readonly #dispatched: DispatchedSteps

  constructor(deps: {
    bus: Bus
    blobs: BlobStore
    partition: number
    observer: PartitionObserver
    dispatched: DispatchedSteps
  }) {
    this.#bus = deps.bus
    this.#dispatched = deps.dispatched
    this.#blobs = deps.blobs
    this.#partition = deps.partition
    this.#observer = deps.observer
  }

  async emit(work: readonly TaskCommands[]): Promise<void> {
    const dispatches: Promise<unknown>[] = []
    for (const { state, commands } of work) {
      for (const command of commands) {
        if (command.kind === 'DispatchStep')
          dispatches.push(this.#dispatch(state, command.stepId, command.attempt))
        else if (command.kind === 'BuryStep')
          dispatches.push(this.#bury(state, command.stepId, command.attempt))
        else if (command.kind === 'RetractStep')
          this.#dispatched.retract(MESSAGE_IDS.dispatch(state.id, command.stepId, command.attempt))
        else if (command.kind === 'AnnounceEvent') this.#announce(command.event, state)
      }
    }
    await Promise.all(dispatches)
  }

  async #dispatch(state: TaskState, stepId: string, attempt: number): Promise<void> {
    const message = buildStepMessage(state, stepId, attempt, (agent) =>
      SUBJECTS.result(this.#partition, agent),
    )
    if (!message) return
    this.#observer.onDispatch(message.agent, state)
    const payload = await this.#encode(message)
    const msgId = MESSAGE_IDS.dispatch(state.id, stepId, attempt)
    const { seq } = await this.#bus.publisher.publish(SUBJECTS.step(message.agent, state.priority), payload, {
      msgId,
      ...(state.traceparent && { headers: { traceparent: state.traceparent } }),
    })
    this.#dispatched.stored(msgId, seq)
  }

  async #bury(state: TaskState, stepId: string, attempt: number): Promise<void> {
    const message = buildBuriedMessage(state, stepId, attempt, (agent) =>
      SUBJECTS.result(this.#partition, agent),
    )
    if (!message) return
    this.#observer.onBuried(message.agent, state)
    await this.#bus.publisher.publish(SUBJECTS.dead(message.agent), await this.#encode(message), {
      msgId: MESSAGE_IDS.buried(MESSAGE_IDS.dispatch(state.id, stepId, attempt)),
    })
  }

  #announce(event: TaskEvent, state: TaskState): void {
    this.#bus.publishCore(SUBJECTS.event(event.type, event.taskId, event.kind), JSON.stringify(event))
    this.#observer.onAnnounced(event, state)
    const { kind, stepId, attempt } = event
    const isDone = kind === 'step-completed' || kind === 'completed'
    if (isDone && stepId !== undefined && attempt !== undefined)
      this.#dispatched.forget(MESSAGE_IDS.dispatch(state.id, stepId, attempt))
  }

  /** An input that grew too large, with what references brought into it, travels through the object store. */
  #encode(message: StepMessage): string | Promise<string> {
    const payload = JSON.stringify(message)
    // A character takes three bytes at most, so most messages need no counting.
    if (
      payload.length * 3 <= LIMITS.inlineInputBytes ||
      Buffer.byteLength(payload) <= LIMITS.inlineInputBytes
    )
      return payload
    return this.#offload(message)
  }

  async #offload(message: StepMessage): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(message.input))
    const ref = await this.#blobs.put(`tasks/${message.taskId}/${message.stepId}`, bytes, {
      contentType: 'application/json',
    })
    return JSON.stringify({ ...message, input: { $json: ref as unknown as JsonValue } })
  }
}
