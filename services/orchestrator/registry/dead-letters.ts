import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type StepMessage, type StepResult, stepMessageSchema } from '#schemas/step-message.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MAX_DELIVERIES_ADVISORY, MESSAGE_IDS, parseStepSubject, SUBJECTS } from '#subjects/subjects.ts'

export interface DeadLettersDeps {
  bus: Bus
  metrics: Metrics
  log: Log
  instance: string
  nowMs: () => number
}

const decoder = new TextDecoder()

/**
 * Steps that were handed out as often as their queue allows and never answered: the server's advisory says so. That is no fault of
 * the step yet, so its attempt ends with DELIVERIES_EXHAUSTED and the policy decides. What is no step goes to DEAD.
 *
 * Advisories are sent once, and lost when no orchestrator listens just then: what is left behind so is found by `LeftInQueues`.
 */
export class DeadLetters implements Component {
  readonly name = 'dead letters'
  readonly #deps: DeadLettersDeps
  #end: () => void = () => {}

  constructor(deps: DeadLettersDeps) {
    this.#deps = deps
  }

  start(): void {
    const onMessage = (message: BusMessage) => void this.#onAdvisory(message)
    this.#end = this.#deps.bus.subscribe(MAX_DELIVERIES_ADVISORY, onMessage, { queue: 'orchestrators' })
  }

  quiesce(): void {
    this.#end()
  }

  async #onAdvisory({ data }: BusMessage): Promise<void> {
    try {
      const { stream_seq: seq, deliveries } = JSON.parse(decoder.decode(data)) as Advisory
      await this.settle(seq, deliveries)
    } catch (error) {
      const reason = messageOf(error)
      this.#deps.log.error({ reason }, 'a step that was handed out in vain could not be given up')
    }
  }

  /** Ends the attempt that this message of the stream of steps holds, and takes it away; again does no harm. @throws MurmurError UNAVAILABLE */
  async settle(seq: number, deliveries: number): Promise<void> {
    const { bus } = this.#deps
    const stored = await bus.streams.messageAt(STREAMS.steps.name, seq)
    if (!stored) return
    const step = readMessage(stored.data, stepMessageSchema)
    if (step) await this.#giveUp(step, deliveries)
    else await this.#bury(stored, seq)
    await bus.streams.deleteMessage(STREAMS.steps.name, seq)
  }

  async #giveUp(step: StepMessage, deliveries: number): Promise<void> {
    const { bus, log } = this.#deps
    const { taskId, stepId, attempt, agent } = step
    // An answer that comes after all finds another attempt in its place.
    await bus.publisher.publish(step.reply, JSON.stringify(this.#unanswered(step, deliveries)), {
      msgId: MESSAGE_IDS.result(taskId, stepId, attempt),
    })
    log.warn({ taskId, stepId, attempt, agent, deliveries }, 'an attempt was handed out in vain too often')
  }

  async #bury(stored: { subject: string; data: Uint8Array }, seq: number): Promise<void> {
    const { bus, log, metrics } = this.#deps
    const address = parseStepSubject(stored.subject)
    if (!address) throw new TypeError(`"${stored.subject}" is no queue of steps`)
    const { agent } = address
    await bus.publisher.publish(SUBJECTS.dead(agent), stored.data, { msgId: `steps:${seq}:dead` })
    metrics.counter('murmur_dead_letters_total').labels(agent).inc()
    log.warn({ agent, seq }, 'a message that is no step was moved to DEAD')
  }

  #unanswered({ taskId, stepId, attempt, token }: StepMessage, deliveries: number): StepResult {
    const nowMs = this.#deps.nowMs()
    const message = `it was handed out ${deliveries} times and no instance answered`
    return {
      v: 1,
      taskId,
      stepId,
      attempt,
      instance: this.#deps.instance,
      startedAtMs: nowMs,
      finishedAtMs: nowMs,
      outcome: { kind: 'retry', error: { code: 'DELIVERIES_EXHAUSTED', message } },
      ...(token !== undefined && { token }),
    }
  }
}

interface Advisory {
  stream_seq: number
  deliveries: number
}
