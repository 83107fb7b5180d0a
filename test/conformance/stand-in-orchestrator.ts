import type { NatsConnection } from '@nats-io/transport-node'
import type { Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type AgentHeartbeat, agentHeartbeatSchema, agentRegistrationSchema } from '#schemas/agent.ts'
import type { Priority } from '#schemas/plan.ts'
import {
  releaseStepsRequestSchema,
  type StartVerdict,
  type StepMessage,
  type StepResult,
  startStepsRequestSchema,
  stepResultSchema,
} from '#schemas/step-message.ts'
import { taskEventSchema } from '#schemas/task-event.ts'
import { AGENT_SERVICES, SERVICES } from '#subjects/operations.ts'
import { STREAMS, stepConsumers } from '#subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { openBus, openNats } from '../support/bus.ts'
import { until } from '../support/until.ts'

export const AGENT = 'word-count'
const PARTITION = 7
const PATIENCE_MS = 20_000

/** What was said, in the order in which it was heard. */
export type Said =
  | { kind: 'registered'; body: Record<string, unknown> }
  | { kind: 'progress'; body: Record<string, unknown> }
  | { kind: 'released'; body: Record<string, unknown> }
  | { kind: 'beat'; body: AgentHeartbeat }
  | { kind: 'asked'; taskId: string; deliveries: number; alone: boolean; running: boolean; bornAtMs: number }
  | { kind: 'result'; taskId: string; body: StepResult; messageId: string | undefined; subject: string }
  | { kind: 'settled'; how: string; deliveries: number; seq: number }
  | { kind: 'dead'; messageId: string | undefined; text: string }

const decoder = new TextDecoder()

/**
 * Stands where an orchestrator would: makes the streams and the queues, dispatches steps, answers what agents ask, and writes
 * down everything that they say. What does not fit the schemas is a fault.
 */
export class StandInOrchestrator {
  readonly said: Said[] = []
  readonly faults: string[] = []
  /** What it says about an attempt; a problem: nobody can say just now. */
  verdictOn: (taskId: string, running: boolean) => StartVerdict | 'nobody' = () => ({ verdict: 'run' })
  readonly bus: Bus
  readonly #nc: NatsConnection
  readonly #seqs = new Map<string, number>()

  private constructor(bus: Bus, nc: NatsConnection) {
    this.bus = bus
    this.#nc = nc
  }

  static async open(t: Test, servers: LocalServers): Promise<StandInOrchestrator> {
    const bus = await openBus(t, servers.natsUrl)
    const { nc } = await openNats(t, servers.natsUrl)
    const stand = new StandInOrchestrator(bus, nc)
    await stand.makeStreams()
    await bus.objects.create({ storageBytes: 1024 ** 3 })
    stand.#listen()
    await nc.flush()
    await bus.flush()
    return stand
  }

  async makeStreams(): Promise<void> {
    await this.bus.streams.provision({ partitions: 16, storageBytes: 1024 ** 3 })
  }

  async makeQueues(): Promise<void> {
    for (const queue of stepConsumers(AGENT)) await this.bus.consumers.provision(queue)
  }

  /** Dispatches a step. @returns its message */
  async dispatch(
    taskId: string,
    { priority = 1, ...about }: Partial<StepMessage> & { priority?: Priority } = {},
  ): Promise<StepMessage> {
    const step: StepMessage = {
      v: 1,
      taskId,
      taskType: 'plan',
      tenant: 'default',
      stepId: 'count',
      agent: AGENT,
      attempt: 1,
      reply: SUBJECTS.result(PARTITION, AGENT),
      timeoutMs: 60_000,
      input: { text: 'one two three' },
      ...about,
    }
    const { seq } = await this.bus.publisher.publish(SUBJECTS.step(AGENT, priority), JSON.stringify(step), {
      msgId: MESSAGE_IDS.dispatch(taskId, step.stepId, step.attempt),
    })
    this.#seqs.set(taskId, seq)
    return step
  }

  /** Somebody takes what is there and gives it back, so that it comes again. */
  async handOutInVain(count: number): Promise<void> {
    const [, normal] = stepConsumers(AGENT)
    const taken: (() => void)[] = []
    const puller = this.bus.consumers.createPuller(
      { stream: STREAMS.steps.name, consumer: normal!.name },
      (delivery) => taken.push(() => delivery.nak()),
    )
    await puller.pull({ batch: count, expiresMs: 5000 })
    for (const giveBack of taken) giveBack()
    await this.bus.flush()
  }

  /** Waits until something was said. */
  async heard<T extends Said>(what: string, fits: (said: Said) => said is T): Promise<T> {
    await until(`${what} among\n${JSON.stringify(this.said)}`, () => this.said.some(fits), PATIENCE_MS)
    return this.said.find(fits)!
  }

  resultOf(taskId: string) {
    return this.heard(
      `the result of ${taskId}`,
      (said): said is Extract<Said, { kind: 'result' }> => said.kind === 'result' && said.taskId === taskId,
    )
  }

  /** How a step was settled at last: acknowledged, returned, or for good. */
  settled(taskId: string, how = '+ACK') {
    return this.heard(
      `${how} of ${taskId}`,
      (said): said is Extract<Said, { kind: 'settled' }> =>
        said.kind === 'settled' && said.how === how && said.seq === this.#seqs.get(taskId),
    )
  }

  asked(taskId: string, running = false) {
    return this.heard(
      `a question about ${taskId}`,
      (said): said is Extract<Said, { kind: 'asked' }> =>
        said.kind === 'asked' && said.taskId === taskId && said.running === running,
    )
  }

  /** How often it was said of a step that it is being worked on. */
  workingOn(taskId: string): number {
    const seq = this.#seqs.get(taskId)
    return this.said.filter((said) => said.kind === 'settled' && said.how === '+WPI' && said.seq === seq)
      .length
  }

  resultsOf(taskId: string): number {
    return this.said.filter((said) => said.kind === 'result' && said.taskId === taskId).length
  }

  #listen(): void {
    const { bus } = this
    const queue = 'orchestrators'
    bus.serveSubject(SERVICES.registerAgent, ({ data }) => this.#register(json(data)), { queue })
    bus.serveSubject(AGENT_SERVICES.of(AGENT, SERVICES.startSteps), ({ data }) => this.#start(json(data)), {
      queue,
    })
    bus.serveSubject(
      AGENT_SERVICES.of(AGENT, SERVICES.releaseSteps),
      ({ data }) => this.#release(json(data)),
      {
        queue,
      },
    )
    // One connection for all that has an order: what an agent says of a step, it says in this order.
    this.#hear(`log.*.result.${AGENT}`, (subject, data, messageId) => {
      const body = this.#checked(stepResultSchema, json(data))
      if (body) this.said.push({ kind: 'result', taskId: body.taskId, body, messageId, subject })
    })
    this.#hear('$JS.ACK.STEPS.>', (subject, data) => {
      const [deliveries, seq] = subject.split('.').slice(4, 6).map(Number) as [number, number]
      this.said.push({ kind: 'settled', how: decoder.decode(data).split(' ')[0]!, deliveries, seq })
    })
    this.#hear(SUBJECTS.dead(AGENT), (_subject, data, messageId) =>
      this.said.push({ kind: 'dead', messageId, text: decoder.decode(data) }),
    )
    this.#hear(SUBJECTS.heartbeatAll, (_subject, data) => {
      const body = this.#checked(agentHeartbeatSchema, json(data))
      if (body) this.said.push({ kind: 'beat', body })
    })
    this.#hear('tasks.events.*.*.progress', (_subject, data) => {
      const body = this.#checked(taskEventSchema, json(data))
      if (body) this.said.push({ kind: 'progress', body })
    })
  }

  #hear(
    subject: string,
    on: (subject: string, data: Uint8Array, messageId: string | undefined) => void,
  ): void {
    this.#nc.subscribe(subject, {
      callback: (error, message) => {
        if (error) this.faults.push(String(error))
        else on(message.subject, message.data, message.headers?.get('Nats-Msg-Id') || undefined)
      },
    })
  }

  async #register(request: unknown): Promise<{ ok: true; consumers: string[] }> {
    const body = this.#checked(agentRegistrationSchema, request)
    await this.makeQueues()
    this.said.push({ kind: 'registered', body: { ...body } })
    return { ok: true, consumers: stepConsumers(AGENT).map(({ name }) => name) }
  }

  #start(request: unknown): { verdicts: StartVerdict[]; brokerNowMs: number } {
    const body = this.#checked(startStepsRequestSchema, request)
    const verdicts: StartVerdict[] = []
    for (const { taskId, deliveries, alone, running } of body?.steps ?? []) {
      this.said.push({ kind: 'asked', taskId, deliveries, alone, running, bornAtMs: body!.bornAtMs })
      const verdict = this.verdictOn(taskId, running)
      if (verdict === 'nobody') throw new MurmurError('UNAVAILABLE', 'nobody can say just now')
      verdicts.push(verdict)
    }
    return { verdicts, brokerNowMs: Date.now() }
  }

  #release(request: unknown): { ok: true } {
    const body = this.#checked(releaseStepsRequestSchema, request)
    this.said.push({ kind: 'released', body: { ...body } })
    return { ok: true }
  }

  #checked<T>(
    schema: { safeParse(value: unknown): { data?: T; error?: { message: string } | undefined } },
    value: unknown,
  ): T | undefined {
    const { data, error } = schema.safeParse(value)
    if (error) this.faults.push(`${JSON.stringify(value)}: ${error.message}`)
    return data
  }
}

function json(data: Uint8Array): unknown {
  return JSON.parse(decoder.decode(data))
}
