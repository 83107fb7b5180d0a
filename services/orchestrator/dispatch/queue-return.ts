import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Publishing } from '#platform/nats/bus.ts'
import type { Consumers } from '#platform/nats/consumers.ts'
import type { StoredMessage, Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import { DEFAULT_PRIORITY } from '#schemas/plan.ts'
import { type StepMessage, stepMessageSchema } from '#schemas/step-message.ts'
import { ownQueueConsumer, STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, parseStepAtSubject, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import type { Placements } from '../partition/placements.ts'
import { type AgentInstance, isAlive, takesWork } from './agent-instance.ts'
import type { Dispatcher } from './dispatcher.ts'
import { placementFor } from './explain-choice.ts'
import { placementOf } from './placement-of.ts'
import type { Choice } from './strategy.ts'

export interface QueueReturnDeps {
  bus: Publishing & {
    streams: Pick<Streams, 'fill' | 'nextMessage' | 'deleteMessage'>
    consumers: Pick<Consumers, 'depth'>
  }
  dispatcher: Dispatcher
  /** Told where a message lies now. */
  dispatched: { stored(id: string, seq: number): void }
  clock: Clock
  partitions: number
  /** Whether this orchestrator dispatches the steps of a partition now. */
  owns: (partition: number) => boolean
  /** Keeps who has it now, and why. */
  placements: Pick<Placements, 'record'>
  log: Log
}

const POLL_INTERVAL_MS = 1000
/** Whoever lives has been heard by then. */
const LISTEN_FIRST_MS = 4000
/** Messages of one queue at a time. */
const BATCH = 256
const PUBLISH_TIMEOUT_MS = 5000

/**
 * Work in the queue of an instance that will not take it: it died, stops, or stands still. It is put on the queue of all, as the same
 * attempt under another message id, and then deleted where it was. What an instance that still lives has in its hands stays. Each
 * orchestrator does so for the partitions that it owns, whoever dispatched the step.
 */
export class QueueReturn implements Component {
  readonly name = 'queue return'
  readonly #deps: QueueReturnDeps
  readonly #stopping = new AbortController()
  #done: Promise<void> = Promise.resolve()

  constructor(deps: QueueReturnDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  /** Looks once through the queues of all instances. @returns how many steps were moved */
  async poll(): Promise<number> {
    const { bus, dispatcher, clock } = this.#deps
    const { subjects } = await bus.streams.fill(STREAMS.steps.name, SUBJECTS.stepsAtAll)
    let moved = 0
    for (const subject of subjects.keys()) {
      const address = parseStepAtSubject(subject)
      if (!address) continue
      const { agent, queue } = address
      const holders = dispatcher.instancesOf(agent).filter((one) => one.queue === queue)
      const after = await this.#returnableAfter(agent, queue, holders, clock.monotonicMs())
      if (after !== undefined) moved += await this.#moveAll(subject, after)
    }
    return moved
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    await clock.sleep(LISTEN_FIRST_MS, signal)
    while (!signal.aborted) {
      try {
        const moved = await this.poll()
        if (moved > 0) log.warn({ moved }, 'steps were taken from queues of instances that do not take them')
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'the queues of instances could not be looked through')
      }
      await clock.sleep(POLL_INTERVAL_MS, signal)
    }
  }

  /** Everything behind this place goes back; undefined: nothing does. */
  async #returnableAfter(
    agent: string,
    queue: number,
    holders: readonly AgentInstance[],
    nowMs: number,
  ): Promise<number | undefined> {
    if (holders.some((one) => takesWork(one, nowMs))) return undefined
    const hasHands = holders.some((one) => isAlive(one, nowMs) && one.status !== 'stopped')
    if (!hasHands) return 0
    const { name } = ownQueueConsumer(agent, queue)
    return (await this.#deps.bus.consumers.depth(STREAMS.steps.name, name))?.deliveredSeq ?? 0
  }

  async #moveAll(subject: string, after: number): Promise<number> {
    const { bus, partitions, owns } = this.#deps
    let moved = 0
    for (let i = 0, from = after + 1; i < BATCH && !this.#stopping.signal.aborted; i++) {
      // One after the other: where the next one lies is known only then, and there are few.
      const message = await bus.streams.nextMessage(STREAMS.steps.name, subject, from)
      if (!message) break
      from = message.seq + 1
      const step = readMessage(message.data, stepMessageSchema)
      if (!step || !owns(partitionOf(step.taskId, partitions))) continue
      if (await this.#move(message, step)) moved++
    }
    return moved
  }

  /**
   * First there, then gone here: if this breaks off in between it is there once more, under the same id. One that only some instances
   * may have goes to another of them, and stays while there is none.
   */
  async #move({ seq, header }: StoredMessage, step: StepMessage): Promise<boolean> {
    const { bus, dispatcher, dispatched } = this.#deps
    const { taskId, stepId, attempt, agent } = step
    const id = MESSAGE_IDS.dispatch(taskId, stepId, attempt)
    // What another process has dispatched, one before a restart too, says in its message what it asks for.
    const sent = dispatcher.sentOf(step)?.step
    const { tenant, priority = DEFAULT_PRIORITY } = step
    const asked = placementOf(step)
    const isNamed = asked.requirements !== undefined || dispatcher.policyOf(agent).versions !== undefined
    const instead = isNamed
      ? dispatcher.placeInstead(agent, { id, tenant, priority, stickyKey: sent?.stickyKey, ...asked })
      : undefined
    if (isNamed && instead?.queue === undefined) return false
    const traceparent = header(TRACEPARENT_HEADER)
    const body: StepMessage = { ...step, handedBack: (step.handedBack ?? 0) + 1 }
    const stored = await bus.publisher.publish(
      instead?.queue === undefined ? SUBJECTS.step(agent, priority) : SUBJECTS.stepAt(agent, instead.queue),
      JSON.stringify(body),
      {
        msgId: MESSAGE_IDS.handedBack(id, seq),
        giveUpAfterMs: PUBLISH_TIMEOUT_MS,
        ...(traceparent && { headers: { traceparent } }),
      },
    )
    await bus.streams.deleteMessage(STREAMS.steps.name, seq)
    dispatched.stored(id, stored.seq)
    dispatcher.handBack(step, instead)
    this.#keepPlacement(step, instead?.choice)
    return true
  }

  #keepPlacement({ taskId, stepId, attempt, agent, deadlineAtMs }: StepMessage, instead?: Choice): void {
    const { placements, dispatcher, clock, partitions } = this.#deps
    const atMs = clock.nowMs()
    const { strategy } = dispatcher.policyOf(agent)
    const placement = (instead && placementFor(instead, { strategy, attempt, atMs })) ?? {
      ...{ attempt, strategy, atMs },
      ...{ candidates: [], leftOut: [] },
      because: 'the instance that was chosen did not take it: whichever instance is free first takes it',
    }
    const task = { id: taskId, deadlineAtMs: deadlineAtMs ?? atMs }
    placements.record(partitionOf(taskId, partitions), task, stepId, placement)
  }
}
