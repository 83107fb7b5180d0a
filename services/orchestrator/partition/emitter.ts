import type { Clock } from '#platform/clock/clock.ts'
import { isForNow, MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import {
  buildBuriedMessage,
  buildStepMessage,
  type FetchedValues,
  isItemStored,
  itemIndex,
  type ReplyOf,
} from '#workflow/decide/build-step-message.ts'
import type { Command } from '#workflow/decide/commands.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import { inlinePayload, offloadedPayload, undispatchedOutcome } from '#workflow/decide/step-payload.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { ObjectOwners } from '../intake/object-owners.ts'
import type { ChildTasks } from './child-tasks.ts'
import { reasonHeaders } from './dead-letter-headers.ts'
import type { DispatchedSteps } from './dispatched-steps.ts'
import type { Evaluations } from './evaluations.ts'
import type { TaskCommands } from './fold-batch.ts'
import { agentOf, laneAfterPublish, objectsFor, overflowOf, queueOf } from './lanes.ts'
import { type Lane, type ParkedCount, type ParkedStep, ParkedSteps } from './parked-steps.ts'
import type { PartitionObserver } from './partition-observer.ts'
import type { PartitionStore } from './partition-store.ts'
import type { Placements } from './placements.ts'
import { QueuedSteps } from './queued-steps.ts'
import { type StepTokens, tokenField } from './step-tokens.ts'
import type { SendSpan } from './task-spans.ts'

/** The output side of a partition: carries out commands. */
export interface Emitter {
  /** Resolves when everything that must not be lost is stored by the broker, or waits for room and counts in `heldFrom`. */
  emit(work: readonly TaskCommands[]): Promise<void>
  /** The first position in the log whose commands are not all out yet, because there is no room for them. */
  readonly heldFrom?: number | undefined
  /** Forgets what waits for room: the owner starts over or ends. */
  clear?(): void
  /**
   * The log has been set back, and other streams maybe to another moment: what they remember of message ids is worth nothing,
   * so what is sent from here on has other ones.
   */
  onReset?(atMs: number): void
}

export interface NatsEmitterDeps {
  bus: Bus
  blobs: Pick<BlobStore, 'put'>
  store: Pick<PartitionStore, 'readTasks' | 'dueTimers'>
  partition: number
  /** Who writes results of steps that can't be handed over. */
  instance: string
  parked: ParkedCount
  dispatched: DispatchedSteps
  /** Child tasks, which live in other partitions. */
  children: Pick<ChildTasks, 'start' | 'cancel' | 'report'>
  /** What plans need of the object store before they can go on. */
  evaluations: Pick<Evaluations, 'evaluate' | 'itemOf'>
  /** Says when a step may go; without one, each goes at once. */
  dispatcher?: Dispatcher
  /** Says whose objects are that an input refers to. */
  owners?: Pick<ObjectOwners, 'assertInput'> | undefined
  /** Keeps who got steps that an instance was chosen for. */
  placements?: Pick<Placements, 'record'>
  observer: PartitionObserver
  clock: Clock
  log: Log
  /** Gives attempts what proves that they were handed out. */
  tokens?: StepTokens | undefined
  /** Every orchestrator that may own the partition reads results that travel as one message: agents are told so. */
  readsResultBatches?: boolean
  /** Payloads are encrypted: what an agent has said of a fault is one. */
  isSealed?: boolean
  /** How long the object store may refuse an input before its step fails. */
  objectsWaitMs?: number
}

const OBJECTS_WAIT_MS = 30_000

/** Sends steps to their queues, under ids that make sending twice harmless, and events to watchers. */
export class NatsEmitter implements Emitter {
  readonly #deps: NatsEmitterDeps
  readonly #parked: ParkedSteps
  readonly #queued: QueuedSteps | undefined
  readonly #replyOf: ReplyOf
  #resetAtMs = 0

  constructor(deps: NatsEmitterDeps) {
    this.#deps = deps
    this.#replyOf = (agent) => SUBJECTS.result(deps.partition, agent)
    const { partition, store, clock, dispatcher, placements, parked: count } = deps
    const send = (state: TaskState, step: ParkedStep) => this.#send(state, step)
    const sendInTurn = async (state: TaskState, step: ParkedStep) => {
      const turn = this.#queued?.offer(state, step) ?? 'go'
      return turn === 'go' ? this.#send(state, step) : overflowOf(turn, state, step)
    }
    this.#parked = new ParkedSteps({ partition, store, clock, count, send: sendInTurn })
    const park = (lane: Lane, step: ParkedStep) => this.#parked.park(lane, step)
    this.#queued =
      dispatcher && new QueuedSteps({ partition, dispatcher, placements, store, clock, send, park })
  }

  get heldFrom(): number | undefined {
    const [parked, queued] = [this.#parked.heldFrom, this.#queued?.heldFrom]
    return parked === undefined || queued === undefined ? (parked ?? queued) : Math.min(parked, queued)
  }

  clear(): void {
    this.#parked.clear()
    this.#queued?.clear()
  }

  onReset(atMs: number): void {
    this.#resetAtMs = atMs
  }

  async emit(work: readonly TaskCommands[]): Promise<void> {
    const sent: Promise<unknown>[] = []
    for (const { state, commands } of work) {
      for (const command of commands) {
        const sending = this.#carryOut(command, state)
        if (sending) sent.push(sending)
      }
    }
    await Promise.all(sent)
  }

  #carryOut(command: Command, state: TaskState): Promise<void> | undefined {
    switch (command.kind) {
      case 'DispatchStep':
        return this.#dispatch(state, command.stepId, command.attempt)
      case 'BuryStep':
        return this.#bury(state, command.stepId, command.attempt)
      case 'RetractStep':
        this.#deps.dispatched.retract(MESSAGE_IDS.dispatch(state.id, command.stepId, command.attempt))
        return undefined
      case 'StartChild':
        return this.#startChild(state, command.stepId, command.attempt)
      case 'CancelChild':
        return this.#deps.children.cancel(
          command.childId,
          `its parent "${state.id}" does not need it any more`,
        )
      case 'ReportToParent':
        return this.#deps.children.report(state)
      case 'Evaluate':
        return this.#deps.evaluations.evaluate(state, command.stepId, command.attempt)
      case 'AnnounceEvent':
        this.#announce(command.event, state)
        return undefined
      case 'RecordLate':
        return undefined
    }
  }

  /** There may be no subscriber, so nothing depends on it. */
  #publishEvent(event: TaskEvent): void {
    const { bus, log } = this.#deps
    try {
      bus.publishCore(SUBJECTS.event(event.type, event.taskId, event.kind), JSON.stringify(event))
    } catch (error) {
      log.warn(
        { taskId: event.taskId, kind: event.kind, reason: messageOf(error) },
        'an event could not be published',
      )
    }
  }

  #announce(event: TaskEvent, state: TaskState): void {
    const { observer } = this.#deps
    this.#publishEvent(event)
    observer.onAnnounced(event, state)
    const { kind, stepId, attempt } = event
    const isDone = kind === 'step-completed' || kind === 'completed'
    if (isDone && stepId !== undefined && attempt !== undefined)
      this.#deps.dispatched.forget(MESSAGE_IDS.dispatch(state.id, stepId, attempt))
  }

  /** Kept for people, as it was sent; without its input where that has no room. */
  async #bury(state: TaskState, stepId: string, attempt: number): Promise<void> {
    const { bus, blobs, observer } = this.#deps
    const message = buildBuriedMessage(
      state,
      stepId,
      attempt,
      this.#replyOf,
      await this.#valuesOf(state, stepId),
    )
    if (!message) return
    observer.onBuried(message.agent, state)
    const payload =
      inlinePayload(message, bus.maxPayloadBytes) ??
      (await offloadedPayload(message, {}, blobs).catch(() => JSON.stringify({ ...message, input: null })))
    await bus.publisher.publish(SUBJECTS.dead(message.agent), payload, {
      msgId: MESSAGE_IDS.buried(MESSAGE_IDS.dispatch(state.id, stepId, attempt)),
      payload: { tenant: state.tenant },
      headers: reasonHeaders(
        runStateOf(state, stepId)?.error ?? state.steps[splitRunId(stepId).stepId]?.error,
        this.#deps.isSealed,
      ),
    })
  }

  /** What a message needs beside the state: the item of a list that lies in the object store. */
  async #valuesOf(state: TaskState, runId: string): Promise<FetchedValues> {
    const index = itemIndex(state, runId)
    if (index === undefined || !isItemStored(state, runId)) return {}
    const item = await this.#deps.evaluations.itemOf(state, splitRunId(runId).stepId, index)
    return { item }
  }

  async #startChild(state: TaskState, runId: string, attempt: number): Promise<void> {
    const { item } = await this.#valuesOf(state, runId)
    await this.#deps.children.start(state, { runId, attempt, item })
  }

  async #dispatch(state: TaskState, stepId: string, attempt: number): Promise<void> {
    const agent = agentOf(state, stepId)
    const current = runStateOf(state, stepId)
    if (agent === undefined || current?.status !== 'dispatched' || current.attempt !== attempt) return
    const { signal } = this.#parked
    const step: ParkedStep = { taskId: state.id, stepId, attempt, seq: state.seq }
    const queue = queueOf(agent, state)
    this.#deps.observer.onDispatch(agent, state)
    const turn = this.#queued?.offer(state, step) ?? 'go'
    if (turn === 'waits') {
      const waiting = this.#queued?.waitingEvent(state, step)
      if (waiting) this.#publishEvent(waiting)
      return
    }
    const inTurn = turn === 'go' && !this.#parked.isHolding(queue.name)
    const lane = inTurn ? await this.#send(state, step, true) : (overflowOf(turn, state, step) ?? queue)
    if (lane && !signal.aborted) this.#parked.park(lane, step)
  }

  /**
   * Tries once to hand a step over; one that never can be ends with a result that says why.
   * @param isFirst nobody has tried before: it waits behind those that the object store has refused already
   * @returns the lane that it has to wait in
   */
  async #send(state: TaskState, step: ParkedStep, isFirst = false): Promise<Lane | undefined> {
    const { bus, blobs } = this.#deps
    let isEncoded = false
    let span: SendSpan | undefined
    try {
      const values = isItemStored(state, step.stepId) ? await this.#valuesOf(state, step.stepId) : {}
      const built = buildStepMessage(state, step.stepId, step.attempt, this.#replyOf, values)
      if (!built) return undefined
      const asked = this.#deps.owners?.assertInput(state, built.input)
      if (asked) await asked
      const batches = this.#deps.readsResultBatches && { resultBatches: true }
      const message = { ...built, ...tokenField(this.#deps.tokens, built), ...batches }
      let payload = step.input === undefined ? inlinePayload(message, bus.maxPayloadBytes) : undefined
      if (payload === undefined) {
        const objects = objectsFor(message.agent)
        if (isFirst && this.#parked.isHolding(objects.name)) return this.#behind(objects, step)
        payload = await offloadedPayload(message, step, blobs)
      }
      isEncoded = true
      const dispatchId = MESSAGE_IDS.dispatch(state.id, step.stepId, step.attempt)
      const own = this.#queued?.queueOf(step)
      if (own !== undefined) this.#queued?.keepPlacement(state, step)
      const { agent } = message
      span = this.#deps.observer.sending?.(state, { runId: step.stepId, attempt: step.attempt, agent })
      const traceparent = span?.traceparent ?? state.traceparent
      const subject = own === undefined ? SUBJECTS.step(agent, state.priority) : SUBJECTS.stepAt(agent, own)
      const { seq } = await bus.publisher.publish(subject, payload, {
        msgId: MESSAGE_IDS.dispatched(dispatchId, Math.max(state.createdAtMs, this.#resetAtMs)),
        refuseWhenFull: true,
        payload: { tenant: state.tenant },
        ...(traceparent && { headers: { traceparent } }),
      })
      span?.end(subject)
      this.#deps.dispatched.stored(dispatchId, seq)
      const choice = own === undefined ? undefined : this.#queued?.choiceEvent(state, step)
      if (choice) this.#publishEvent(choice)
      return undefined
    } catch (error) {
      const agent = agentOf(state, step.stepId) ?? ''
      const lane = isEncoded
        ? laneAfterPublish(error, agent, state)
        : this.#laneAfterEncode(error, agent, step)
      if (!lane) await this.#giveUp(state, step, error)
      return lane
    }
  }

  #behind(objects: Lane, step: ParkedStep): Lane {
    step.refusedSinceMs ??= this.#deps.clock.monotonicMs()
    return objects
  }

  /** The object store may be full or away for a while; one that refuses for longer has decided. */
  #laneAfterEncode(error: unknown, agent: string, step: ParkedStep): Lane | undefined {
    if (!(error instanceof MurmurError)) return undefined
    if (error.code !== 'OVERLOADED' && !isForNow(error.code)) return undefined
    const nowMs = this.#deps.clock.monotonicMs()
    const isWaitedFor = !this.#deps.bus.connected || error.code === 'PAYLOAD_KEY_MISSING'
    if (isWaitedFor) step.refusedSinceMs = nowMs
    step.refusedSinceMs ??= nowMs
    if (nowMs - step.refusedSinceMs >= (this.#deps.objectsWaitMs ?? OBJECTS_WAIT_MS)) return undefined
    return objectsFor(agent)
  }

  /** The step fails in the log, like one that an agent has failed: so the fold decides what becomes of its task. */
  async #giveUp(state: TaskState, { stepId, attempt }: ParkedStep, error: unknown): Promise<void> {
    const { bus, partition, clock, instance, log } = this.#deps
    const agent = agentOf(state, stepId)
    if (agent === undefined) return
    log.warn({ taskId: state.id, stepId, agent, err: error }, 'a step could not be handed to its queue')
    const atMs = clock.nowMs()
    const result: StepResult = {
      v: 1,
      taskId: state.id,
      stepId,
      attempt,
      instance,
      startedAtMs: atMs,
      finishedAtMs: atMs,
      outcome: undispatchedOutcome(error),
      ...tokenField(this.#deps.tokens, { taskId: state.id, stepId, attempt, agent }),
    }
    await bus.publisher.publish(SUBJECTS.result(partition, agent), JSON.stringify(result), {
      msgId: MESSAGE_IDS.undispatched(state.id, stepId, attempt),
      payload: { tenant: state.tenant, taskId: state.id },
    })
  }
}
