import type { Test } from 'tap'
import { type AgentHeartbeat, agentRegistrationSchema } from '../../schemas/agent.ts'
import {
  type ReleaseStepsRequest,
  releaseStepsRequestSchema,
  type StartStepsRequest,
  type StartVerdict,
  type StepMessage,
  type StepResult,
  type StepResultBatch,
  startStepsRequestSchema,
} from '../../schemas/step-message.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import type { Delivery } from '../../services/platform/nats/delivery.ts'
import { AGENT_SERVICES, SERVICES } from '../../subjects/operations.ts'
import { STREAMS, stepConsumers } from '../../subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '../../subjects/subjects.ts'

const STORAGE_BYTES = 1024 ** 3
const QUEUE = 'orchestrators'

/** An attempt that was asked about, and who asked. */
export type AskedStep = StartStepsRequest['steps'][number] & Pick<StartStepsRequest, 'instance' | 'bornAtMs'>

/**
 * What agents need of an orchestrator, without one: it makes their queues, answers what they ask as the test wishes, and
 * writes down all that they say.
 */
export class FakeOrchestrator {
  readonly #bus: Bus
  readonly starts: AskedStep[] = []
  readonly startRequests: StartStepsRequest[] = []
  readonly released: (ReleaseStepsRequest['steps'][number] & { instance: string })[] = []
  readonly results: StepResult[] = []
  readonly beats: (AgentHeartbeat & { atMs: number })[] = []
  registrations = 0
  /** What it answers. */
  verdictOf: (step: AskedStep) => StartVerdict = () => ({ verdict: 'run' })
  brokerNowMs: () => number = () => Date.now()
  /** Whether it answers such questions of an instance at all. */
  answersStarts: (instance: string) => boolean = () => true
  #ends: (() => void)[] = []

  constructor(bus: Bus) {
    this.#bus = bus
  }

  /** Makes the streams and begins to answer. */
  static async start(t: Pick<Test, 'teardown'>, bus: Bus): Promise<FakeOrchestrator> {
    const fake = new FakeOrchestrator(bus)
    await fake.makeStreams()
    fake.#serve()
    t.teardown(() => fake.stop())
    await bus.flush()
    return fake
  }

  async makeStreams(): Promise<void> {
    await this.#bus.streams.provision({ partitions: 4, storageBytes: STORAGE_BYTES })
    await this.#bus.objects.create({ storageBytes: STORAGE_BYTES })
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  /** Puts an attempt on the queue of its agent. */
  async dispatch(step: Partial<StepMessage> & Pick<StepMessage, 'taskId' | 'agent'>): Promise<StepMessage> {
    const message: StepMessage = {
      v: 1,
      taskType: 'plan',
      tenant: 'default',
      stepId: 'work',
      attempt: 1,
      reply: SUBJECTS.result(0, step.agent),
      timeoutMs: 60_000,
      input: {},
      ...step,
    }
    await this.#bus.publisher.publish(SUBJECTS.step(step.agent, 1), JSON.stringify(message), {
      msgId: MESSAGE_IDS.dispatch(message.taskId, message.stepId, message.attempt),
    })
    return message
  }

  /** The queues of an agent type that has no instance yet. */
  async makeQueues(agent: string): Promise<void> {
    for (const consumer of stepConsumers(agent)) await this.#bus.consumers.provision(consumer)
  }

  /** Somebody takes steps and gives them back: whoever takes them next has them for the second time. */
  async handOutInVain(agent: string, count: number): Promise<void> {
    const taken: Delivery[] = []
    const from = { stream: STREAMS.steps.name, consumer: `${agent}-p1` }
    const puller = this.#bus.consumers.createPuller(from, (delivery) => void taken.push(delivery))
    while (taken.length < count) await puller.pull({ batch: count - taken.length, expiresMs: 1000 })
    for (const delivery of taken) delivery.nak()
    await this.#bus.flush()
  }

  async isQueueEmpty(agent: string): Promise<boolean> {
    const depth = await this.#bus.consumers.depth(STREAMS.steps.name, `${agent}-p1`)
    return depth?.waiting === 0 && depth.inWork === 0
  }

  resultOf(taskId: string): StepResult | undefined {
    return this.results.find((result) => result.taskId === taskId)
  }

  /** What was asked about a task's step, before it ran and while it did. */
  startsOf(taskId: string): AskedStep[] {
    return this.starts.filter((step) => step.taskId === taskId)
  }

  #serve(): void {
    const bus = this.#bus
    const text = (data: Uint8Array) => JSON.parse(new TextDecoder().decode(data)) as unknown
    this.#ends = [
      bus.serveSubject(SERVICES.registerAgent, ({ data }) => this.#register(text(data)), { queue: QUEUE }),
      bus.subscribe(SUBJECTS.resultsAll, ({ data }) => {
        const body = text(data) as StepResult | StepResultBatch
        this.results.push(...(body.v === 2 ? body.results : [body]))
      }),
      bus.subscribe(
        SUBJECTS.heartbeatAll,
        ({ data }) => void this.beats.push({ ...(text(data) as AgentHeartbeat), atMs: performance.now() }),
      ),
      bus.serveSubject(AGENT_SERVICES.all(SERVICES.startSteps), ({ data }) => this.#start(text(data)), {
        queue: QUEUE,
      }),
      bus.serveSubject(AGENT_SERVICES.all(SERVICES.releaseSteps), ({ data }) => this.#release(text(data)), {
        queue: QUEUE,
      }),
    ]
  }

  async #register(body: unknown) {
    const { type } = agentRegistrationSchema.parse(body)
    await this.makeQueues(type)
    this.registrations++
    return { ok: true, consumers: stepConsumers(type).map(({ name }) => name) }
  }

  #start(body: unknown) {
    const request = startStepsRequestSchema.parse(body)
    if (!this.answersStarts(request.instance)) return new Promise(() => {})
    this.startRequests.push(request)
    const { instance, bornAtMs } = request
    const asked = request.steps.map((step) => ({ ...step, instance, bornAtMs }))
    this.starts.push(...asked)
    return { verdicts: asked.map((step) => this.verdictOf(step)), brokerNowMs: this.brokerNowMs() }
  }

  #release(body: unknown) {
    const { instance, steps } = releaseStepsRequestSchema.parse(body)
    this.released.push(...steps.map((step) => ({ ...step, instance })))
    return { ok: true }
  }
}
