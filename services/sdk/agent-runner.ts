import type { Clock } from '#platform/clock/clock.ts'
import type { Component, Deadline } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import type { StepObjects } from '#platform/nats/object-client.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { withTrace } from '#platform/telemetry/active-trace.ts'
import type { Check } from '#platform/telemetry/health-server.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import { STEP_ACK_WAIT_MS } from '#subjects/streams.ts'
import { parseTaskEventSubject, SUBJECTS } from '#subjects/subjects.ts'
import { admitStep, RecentDurations } from './admit-step.ts'
import type { AloneTurns } from './alone-turns.ts'
import { attemptSpan, endAttempt, resultSpan } from './attempt-spans.ts'
import { EstimatedBrokerTime } from './broker-time.ts'
import type { AnyAgentDefinition } from './define-agent.ts'
import { checkLeftBehind, findLeftBehind, HOPELESS_AFTER_MS } from './left-behind.ts'
import { PriorityIntake } from './priority-intake.ts'
import { ResultBatches } from './result-batches.ts'
import { runStep } from './run-step.ts'
import { type RunningStep, RunningSteps } from './running-steps.ts'
import { decodeStep, leaveToKeys, openTaken } from './sealed-steps.ts'
import type { SlotTable, TakenSlot } from './slot-table.ts'
import { StepGate } from './step-gate.ts'
import { StepPermissions } from './step-permissions.ts'

export interface AgentRunnerDeps {
  agent: AnyAgentDefinition
  instance: string
  /** When this process began. Unix milliseconds. */
  bornAtMs: number
  bus: Bus
  objects: StepObjects
  clock: Clock
  metrics: Metrics
  tracing: Tracing
  log: Log
  /** Opens inputs that are encrypted. */
  codec?: PayloadCodec | undefined
  /** Shared with the thread of heartbeats; one slot a step at least. */
  slots: SlotTable
  /** Shared by all agents of the process. */
  turns: AloneTurns
  /** To be called when the state in `slots` was changed. */
  onState: () => void
  /** Ends the process, because nothing can be done in it any more. */
  onHopeless: (why: string) => void
}

export const DEFAULT_CONCURRENCY = 4
/** Three times within the ack wait, so that one lost message does no harm. */
const EXTEND_INTERVAL_MS = STEP_ACK_WAIT_MS / 3
/** Before the grace is over: handlers are told to end. */
const LAST_CALL_MS = 1500
/** Before the grace is over: what has not ended is given back. */
const HAND_BACK_MS = 900

/**
 * Runs an agent: takes steps while it has a free slot, and for each: decode → may it run? → handle → publish the result →
 * acknowledge, in this order, so that whatever crashes in between is done again by somebody. A slot is free again when the
 * handler has ended, which after a timeout may be later than the end of the step.
 */
export class AgentRunner implements Component {
  readonly name: string
  readonly capacity: number
  readonly #deps: AgentRunnerDeps
  readonly #intake: PriorityIntake
  readonly #steps: RunningSteps
  readonly #brokerTime: EstimatedBrokerTime
  readonly #permissions: StepPermissions
  readonly #gate: StepGate
  readonly #durations = new RecentDurations()
  readonly #results: ResultBatches
  readonly #stopping = new AbortController()
  #keepAlive: NodeJS.Timeout | undefined
  #unsubscribe: (() => void)[] = []
  #hopeless = false

  constructor(deps: AgentRunnerDeps) {
    const { agent, bus, clock, slots, turns } = deps
    this.#deps = deps
    this.name = `agent ${agent.name}`
    this.capacity = agent.limits?.concurrency ?? DEFAULT_CONCURRENCY
    this.#steps = new RunningSteps(slots)
    this.#brokerTime = new EstimatedBrokerTime(clock)
    this.#results = new ResultBatches(bus.publisher)
    this.#permissions = new StepPermissions({
      ...deps,
      agent: agent.name,
      onBrokerTime: (brokerNowMs) => this.#brokerTime.heard(brokerNowMs),
    })
    this.#gate = new StepGate({
      clock,
      turns,
      permissions: this.#permissions,
      interruptible: agent.interruptible === true,
      stopping: this.#stopping.signal,
      onOver: (running) => this.#drop(running),
    })
    this.#intake = new PriorityIntake({
      agent: agent.name,
      bus,
      capacity: this.capacity,
      onDelivery: (delivery) => this.#take(delivery),
    })
    turns.addIntake(this.#intake)
  }

  async start(): Promise<void> {
    const { agent, bus, clock } = this.#deps
    await agent.start?.()
    // A task that ends otherwise makes the steps that still run for it pointless.
    this.#unsubscribe = (['cancelled', 'failed'] as const).map((kind) =>
      bus.subscribe(SUBJECTS.eventsOfKind(kind), ({ subject }) => {
        const event = parseTaskEventSubject(subject)
        if (event) this.#steps.abortTask(event.taskId, clock.monotonicMs())
      }),
    )
    this.#keepAlive = setInterval(() => this.#keep(), EXTEND_INTERVAL_MS)
    this.#intake.start()
  }

  /** Takes nothing more, and tells so. Handlers that work for hours are told to end at once. */
  async quiesce(): Promise<void> {
    const { agent, clock, onState, slots } = this.#deps
    // One that stops is not to be told to go on.
    slots.cordoned = false
    slots.state = 'draining'
    onState()
    this.#stopping.abort()
    if (agent.interruptible) this.#steps.abortAll(clock.monotonicMs())
    await this.#intake.stop()
  }

  /**
   * Waits for the steps in hand. Shortly before the deadline handlers are told to end; what has not ended then is handed back,
   * so that others get it at once. @throws Error when handlers hold every slot for good
   */
  async stop(deadline?: Deadline): Promise<void> {
    await this.quiesce()
    await this.#finishWithin(deadline, LAST_CALL_MS)
    this.#steps.abortAll(this.#deps.clock.monotonicMs())
    await this.#finishWithin(deadline, HAND_BACK_MS)
    await this.#handBack(this.#steps.unsettled())
    clearInterval(this.#keepAlive)
    for (const end of this.#unsubscribe) end()
    await this.#deps.agent.stop?.()
    if (this.#hopeless) throw new Error('handlers that do not end hold every slot')
  }

  /** Told by the thread of heartbeats: an orchestrator says that this attempt is over. */
  drop(taken: TakenSlot): void {
    const running = this.#steps.find(taken)
    if (running) this.#drop(running)
  }

  /** Told by the thread of heartbeats. */
  heardBrokerTime(brokerNowMs: number): void {
    this.#brokerTime.heard(brokerNowMs)
  }

  /** An orchestrator has given this instance a queue of its own, which heartbeats say; undefined: none. */
  takeFromOwn(queue: number | undefined): void {
    this.#deps.slots.ownQueue = queue
    this.#intake.takeFromOwn(queue)
  }

  /** An orchestrator says whether it may take new steps. What it has goes on, and is not told to end. */
  cordon(isCordoned: boolean): void {
    const { log, onState, slots } = this.#deps
    if (this.#stopping.signal.aborted || slots.cordoned === isCordoned) return
    slots.cordoned = isCordoned
    this.#intake.cordon(isCordoned)
    if (slots.state !== 'starting') slots.state = isCordoned ? 'draining' : 'ready'
    log.info({}, isCordoned ? 'drained: it takes no new steps' : 'it takes steps again')
    onState()
  }

  /** For /readyz. */
  check(): Check {
    return checkLeftBehind(this.#leftBehind())
  }

  /** Of the handlers that do not heed their signal, for metrics. */
  get stuck(): number {
    return this.#leftBehind().stuck.length
  }

  #leftBehind() {
    return findLeftBehind(this.#steps.values(), this.capacity, this.#deps.clock.monotonicMs())
  }

  /** Resolves when the slot is free again. Never rejects. */
  async #take(delivery: Delivery): Promise<void> {
    this.#brokerTime.sawMessage(delivery.storedAtMs)
    const stored = decodeStep(delivery)
    if (!stored) return this.#bury(delivery)
    const opened = openTaken(this.#deps.codec, stored)
    if (!opened.step) return leaveToKeys(delivery, opened.missing, this.#deps.log)
    const running = this.#steps.add(opened.step, delivery)
    if (!running) return
    try {
      const lingering = await this.#process(running, opened.fault)
      if (lingering) await lingering
    } catch (error) {
      // Its result could not be published: the message is not acknowledged and comes again, here or elsewhere.
      this.#deps.log.warn({ err: error, seq: delivery.seq }, 'a step was left to be delivered again')
      running.forget()
    } finally {
      this.#gate.left(running)
      this.#steps.remove(running)
    }
  }

  /** @returns what still runs of the handler when the step is settled */
  async #process(running: RunningStep, fault?: StepOutcome): Promise<Promise<void> | undefined> {
    const { step, delivery } = running
    if (fault) return this.#settle(running, fault)
    const admission = admitStep({
      step,
      deliveries: running.deliveries,
      isRepeated: running.isRepeated,
      storedAtMs: delivery.storedAtMs,
      brokerTime: this.#brokerTime,
      usualMs: this.#durations.medianMs,
    })
    if (admission.kind === 'settle') return this.#settle(running, admission.outcome)
    const passing = this.#gate.pass(running, admission)
    const verdict = passing && (await passing)
    // Its task may have ended while it waited for its turn.
    if (verdict === 'drop' || (verdict && running.abortedFor === 'task-ended')) running.settle('ack')
    if (verdict === 'stopping') await this.#handBack([running])
    if (running.settled) return undefined
    return this.#work(running)
  }

  /** It is not run. */
  async #settle(running: RunningStep, outcome: StepOutcome): Promise<undefined> {
    const nowMs = this.#deps.clock.nowMs()
    await this.#report(running, { startedAtMs: nowMs, finishedAtMs: nowMs, outcome })
    return undefined
  }

  async #work(running: RunningStep): Promise<Promise<void> | undefined> {
    const { clock, objects, tracing } = this.#deps
    const { step, signal } = running
    const blobs = objects.forStep(step)
    const startedAtMs = clock.nowMs()
    const beganAtMs = clock.monotonicMs()
    const span = attemptSpan(tracing, step, running.delivery)
    const onTimeout = () => running.abort('timeout', clock.monotonicMs())
    const { deliveries } = running
    const { outcome, lingering } = await withTrace(span.traceparent, () =>
      runStep(step, { ...this.#deps, blobs, signal, onTimeout, deliveries }),
    )
    this.#durations.add(clock.monotonicMs() - beganAtMs)
    endAttempt(span, outcome)
    // A handler that gives up because the instance stops has not failed: somebody else goes on with the same attempt.
    if (outcome.kind === 'retry' && running.abortedFor === 'instance-stops') await this.#handBack([running])
    // What is over has no result.
    else if (running.abortedFor !== 'dropped')
      await this.#report(running, { startedAtMs, finishedAtMs: clock.nowMs(), outcome }, span.traceparent)
    return lingering
  }

  async #report(
    running: RunningStep,
    ran: { startedAtMs: number; finishedAtMs: number; outcome: StepOutcome },
    traceparent?: string,
  ): Promise<void> {
    const { instance, slots, tracing } = this.#deps
    const span = resultSpan(tracing, running.step, traceparent)
    try {
      const sent = { instance, ...ran, ...(span && { traceparent: span.traceparent }) }
      // What is encrypted is so for one tenant.
      const isAlone = running.deliveries > 1 || this.#deps.codec !== undefined
      await this.#results.publish(running.step, sent, { isAlone })
    } catch (error) {
      span?.end(error)
      throw error
    }
    span?.end()
    this.#steps.finished(running)
    running.settle('ack')
    this.#steps.wakeIfSettled()
    if (ran.outcome.kind === 'done') slots.countCompleted()
    else slots.countFailed()
  }

  #drop(running: RunningStep): void {
    running.abort('dropped', this.#deps.clock.monotonicMs())
    running.settle('ack')
    this.#steps.wakeIfSettled()
  }

  /** Others get them at once, and nothing is counted against them. */
  async #handBack(steps: RunningStep[]): Promise<void> {
    if (steps.length === 0) return
    await this.#permissions.release(steps.map(({ step }) => step))
    for (const running of steps) running.settle('nak')
    this.#steps.wakeIfSettled()
  }

  /** Resolves when every step is settled, or when so much is left of the time that was given. */
  async #finishWithin(deadline: Deadline | undefined, leaveMs: number): Promise<void> {
    const settled = this.#steps.whenSettled()
    if (!deadline) return settled
    const done = new AbortController()
    const leftMs = Math.max(0, deadline.remainingMs() - leaveMs)
    await Promise.race([settled, this.#deps.clock.sleep(leftMs, done.signal)])
    done.abort()
  }

  /** What the thread of heartbeats can't do: what waits in the intake, and looking after handlers that do not end. */
  #keep(): void {
    const { log, onHopeless, slots } = this.#deps
    for (const running of this.#steps.values())
      if (!running.taken && !running.settled) running.delivery.working()
    const leftBehind = this.#leftBehind()
    slots.setLeftBehind(leftBehind.lingering, leftBehind.stuck.length)
    if (!leftBehind.hopeless || this.#hopeless) return
    this.#hopeless = true
    const why = `agent "${this.#deps.agent.name}": all ${this.capacity} slots are held by handlers that have ignored their signal for more than ${HOPELESS_AFTER_MS / 1000} s`
    log.fatal({ steps: leftBehind.stuck.map(({ key }) => key) }, why)
    onHopeless(why)
  }

  /** A message that is no step: kept for people, out of the way. */
  async #bury(delivery: Delivery): Promise<void> {
    const { agent, bus, log, metrics } = this.#deps
    log.error({ seq: delivery.seq, subject: delivery.subject }, 'a step could not be read')
    try {
      await bus.publisher.publish(SUBJECTS.dead(agent.name), delivery.data, {
        msgId: `steps:${delivery.seq}:dead`,
      })
    } catch (error) {
      log.warn({ err: error, seq: delivery.seq }, 'a step was left to be delivered again')
      return
    }
    metrics.counter('murmur_dead_letters_total').labels(agent.name).inc()
    delivery.term()
  }
}
