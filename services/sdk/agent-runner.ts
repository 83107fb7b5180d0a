import type { Clock } from '#platform/clock/clock.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { ATTRIBUTES, SPANS } from '#platform/telemetry/span-names.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import {
  type StepMessage,
  type StepOutcome,
  type StepResult,
  stepMessageSchema,
} from '#schemas/step-message.ts'
import { STEP_ACK_WAIT_MS, STEP_MAX_RUNS } from '#subjects/streams.ts'
import { MESSAGE_IDS, parseLogSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { AnyAgentDefinition } from './define-agent.ts'
import { PriorityIntake } from './priority-intake.ts'
import { runStep } from './run-step.ts'
import { RunningSteps } from './running-steps.ts'

export interface AgentRunnerDeps {
  agent: AnyAgentDefinition
  instance: string
  bus: Bus
  blobs: BlobStore
  clock: Clock
  metrics: Metrics
  tracing: Tracing
  log: Log
}

const DEFAULT_CONCURRENCY = 4
/** Three times within the ack wait, so that one lost message does no harm. */
const WORKING_EVERY_MS = STEP_ACK_WAIT_MS / 3
const decoder = new TextDecoder()

/**
 * Runs an agent: takes steps while it has a free slot, and for each: decode → guard against poison → handle → publish the
 * result → acknowledge, in this order, so that whatever crashes in between is done again by somebody.
 */
export class AgentRunner implements Component {
  readonly name: string
  readonly capacity: number
  completed = 0
  failed = 0
  readonly #deps: AgentRunnerDeps
  readonly #intake: PriorityIntake
  readonly #running = new RunningSteps()
  #keepAlive: NodeJS.Timeout | undefined
  #unsubscribe: (() => void)[] = []

  constructor(deps: AgentRunnerDeps) {
    this.#deps = deps
    this.name = `agent ${deps.agent.name}`
    this.capacity = deps.agent.limits?.concurrency ?? DEFAULT_CONCURRENCY
    this.#intake = new PriorityIntake({
      agent: deps.agent.name,
      bus: deps.bus,
      capacity: this.capacity,
      onDelivery: (delivery) => this.#take(delivery),
    })
  }

  get inFlight(): number {
    return this.#running.size
  }

  async start(): Promise<void> {
    const { agent, bus } = this.#deps
    await agent.start?.()
    // A task that ends otherwise makes the steps that still run for it pointless.
    this.#unsubscribe = (['cancelled', 'failed'] as const).map((kind) =>
      bus.subscribe(SUBJECTS.eventsOfKind(kind), ({ subject }) =>
        this.#running.abortTask(subject.split('.')[3]!),
      ),
    )
    this.#keepAlive = setInterval(() => this.#running.sayWorking(), WORKING_EVERY_MS)
    this.#intake.start()
  }

  /** Takes nothing more. */
  async quiesce(): Promise<void> {
    await this.#intake.stop()
  }

  /** Waits for the steps in hand; what is not done in time is left for others, which get it when its ack wait is over. */
  async stop(): Promise<void> {
    await this.#intake.stop()
    if (this.#deps.agent.interruptible) this.#running.abortAll()
    await this.#running.settled()
    clearInterval(this.#keepAlive)
    for (const end of this.#unsubscribe) end()
    await this.#deps.agent.stop?.()
  }

  async #take(delivery: Delivery): Promise<void> {
    try {
      await this.#process(delivery)
    } catch (error) {
      // Its result could not be published: the message is not acknowledged and comes again, here or elsewhere.
      this.#deps.log.warn({ err: error, seq: delivery.seq }, 'a step was left to be delivered again')
    }
  }

  async #process(delivery: Delivery): Promise<void> {
    const step = decode(delivery)
    if (!step) {
      this.#deps.log.error({ seq: delivery.seq, subject: delivery.subject }, 'a step could not be read')
      await this.#bury(delivery, undefined)
      return
    }
    if (delivery.deliveryCount > STEP_MAX_RUNS) {
      await this.#bury(delivery, step)
      return
    }
    const running = this.#running.add(step.taskId, delivery)
    try {
      await this.#work(step, delivery, running.signal)
    } finally {
      this.#running.remove(running)
    }
  }

  async #work(step: StepMessage, delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { agent, clock, instance, tracing } = this.#deps
    const startedAtMs = clock.nowMs()
    const span = tracing.span(SPANS.step(agent.name), {
      kind: 'consumer',
      parent: delivery.header(TRACEPARENT_HEADER),
      attributes: {
        [ATTRIBUTES.taskId]: step.taskId,
        [ATTRIBUTES.stepId]: step.stepId,
        [ATTRIBUTES.attempt]: step.attempt,
      },
    })
    const outcome = await runStep(step, { ...this.#deps, signal })
    span.setAttribute(ATTRIBUTES.outcome, outcome.kind)
    span.end(outcome.kind === 'done' ? undefined : new Error(outcome.error.message))
    await this.#report(step, { instance, startedAtMs, finishedAtMs: clock.nowMs(), outcome })
    delivery.ack()
    this.#count(outcome)
  }

  async #report(
    step: StepMessage,
    ran: { instance: string; startedAtMs: number; finishedAtMs: number; outcome: StepOutcome },
  ): Promise<void> {
    const result: StepResult = {
      v: 1,
      taskId: step.taskId,
      stepId: step.stepId,
      attempt: step.attempt,
      ...ran,
    }
    await this.#deps.bus.publisher.publish(resultSubjectOf(step), JSON.stringify(result), {
      msgId: MESSAGE_IDS.result(step.taskId, step.stepId, step.attempt),
    })
  }

  #count(outcome: StepOutcome): void {
    if (outcome.kind === 'done') this.completed++
    else this.failed++
  }

  /** A message that is no step, or that was handed out too often without an answer: kept for people, out of the way. */
  async #bury(delivery: Delivery, step: StepMessage | undefined): Promise<void> {
    const { agent, bus, clock, instance, metrics } = this.#deps
    // The same id as when the server's advisory buries it: once in DEAD, whoever comes first.
    const named = step && MESSAGE_IDS.dispatch(step.taskId, step.stepId, step.attempt)
    await bus.publisher.publish(SUBJECTS.dead(agent.name), delivery.data, {
      msgId: `${named ?? `steps:${delivery.seq}`}:dead`,
    })
    if (step) {
      const nowMs = clock.nowMs()
      const message = `${delivery.deliveryCount - 1} agents took this step and none answered`
      const outcome: StepOutcome = { kind: 'fail', error: { code: 'POISON_MESSAGE', message } }
      await this.#report(step, { instance, startedAtMs: nowMs, finishedAtMs: nowMs, outcome })
    }
    metrics.counter('murmur_dead_letters_total').labels(agent.name).inc()
    delivery.term()
  }
}

function decode(delivery: Delivery): StepMessage | undefined {
  try {
    return stepMessageSchema.parse(JSON.parse(decoder.decode(delivery.data)))
  } catch {
    // What is wrong with it does not matter here: it goes to DEAD as it is.
    return undefined
  }
}

/** What stands in the step; where an earlier version has dispatched it, the subject that this type of agent may write on. */
function resultSubjectOf(step: StepMessage): string {
  const address = parseLogSubject(step.reply)
  return address?.kind === 'result' && address.agent === undefined
    ? SUBJECTS.result(address.partition, step.agent)
    : step.reply
}
