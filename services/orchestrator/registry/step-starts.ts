import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { AgentHeartbeat } from '#schemas/agent.ts'
import type { StepReleased, StepStarted } from '#schemas/log-event.ts'
import type { StartStepsRequest, StartStepsResponse, StepResult } from '#schemas/step-message.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import type { RequestOf } from '#subjects/operations.ts'
import { MESSAGE_IDS, parseHeartbeatSubject, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { type StepTokens, tokenField } from '../partition/step-tokens.ts'
import { judgeStart, type StartJudgement } from './judge-start.ts'
import { ProcessLiveness } from './process-liveness.ts'
import { StepStates, type StepStore } from './step-states.ts'

export interface StepStartsDeps {
  bus: Bus
  store: StepStore
  partitions: number
  /** For durations. */
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
  /** The broker's time, Unix ms. */
  brokerNowMs: () => number
  metrics: Metrics
  /** Gives attempts what proves that they were handed out. */
  tokens?: StepTokens | undefined
}

const PUBLISH_TIMEOUT_MS = 3000
/** States that are in memory at the same time: each may have some hundred KiB. */
const READ_BATCH = 64
const RETRY_AFTER_MS = 500
const decoder = new TextDecoder()

type Asked = StartStepsRequest['steps'][number]
type Attempt = Pick<Asked, 'taskId' | 'stepId' | 'attempt'>

/** A step that is asked about, and what is known of it. */
interface Case {
  agent: string
  requester: StartStepsRequest
  step: Asked
  state: TaskState | undefined
}

/**
 * Says whether agents may run attempts that they have taken, and takes back what they hand back. What it finds out it writes into
 * the log before it answers: that an attempt runs, and where; that its process died under it.
 */
export class StepStarts implements Component {
  readonly name = 'starts of steps'
  readonly #deps: StepStartsDeps
  readonly #states: StepStates
  readonly #liveness = new ProcessLiveness()
  #ends: (() => void)[] = []

  constructor(deps: StepStartsDeps) {
    this.#deps = deps
    const { store, bus, clock, partitions } = deps
    this.#states = new StepStates({ store, log: bus.streams, clock }, partitions)
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      // Not shared among orchestrators: who is to say that somebody fell silent has to hear everybody.
      bus.subscribe(SUBJECTS.heartbeatAll, (message) => this.#hear(message)),
      bus.serve('startSteps', (request, { agent }) => this.#start(agent!, request)),
      bus.serve('releaseSteps', (request, { agent }) => this.#release(agent!, request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  #hear({ subject, data }: BusMessage): void {
    try {
      const { startedAtMs, status } = JSON.parse(decoder.decode(data)) as AgentHeartbeat
      // The server checks who may publish on a subject, and nobody what stands in the body.
      const sender = parseHeartbeatSubject(subject)
      if (sender) this.#liveness.heard({ ...sender, startedAtMs, status }, this.#deps.clock.monotonicMs())
    } catch {
      // What is no heartbeat keeps nobody alive.
    }
  }

  async #start(agent: string, requester: StartStepsRequest): Promise<StartStepsResponse> {
    const verdicts: StartStepsResponse['verdicts'] = []
    for (const steps of inParts(requester.steps)) {
      const states = await this.#states.of(agent, steps)
      const cases = steps.map((step, i): Case => ({ agent, requester, step, state: states[i] }))
      const judgements = cases.map((one) => this.#judge(one))
      // All of it at once. What is not stored fails the request: the agent asks again, and the ids will be the same.
      await Promise.all(cases.map((one, i) => this.#record(one, judgements[i]!)))
      verdicts.push(...judgements.map(({ verdict }) => verdict))
    }
    const count = this.#deps.metrics.counter('murmur_step_starts_total')
    for (const { verdict, reason } of verdicts) count.labels(agent, reason ?? verdict).inc()
    return { verdicts, brokerNowMs: this.#deps.brokerNowMs() }
  }

  #judge({ agent, requester, step, state }: Case): StartJudgement {
    const { clock, brokerNowMs } = this.#deps
    const judgement = judgeStart(state, {
      step,
      agent,
      requester,
      nowMs: brokerNowMs(),
      livenessOf: (name) => this.#liveness.of({ ...name, type: agent }, clock.monotonicMs()),
    })
    if (judgement !== 'undecided') return judgement
    const what = `another process has step "${step.stepId}" of ${step.taskId} in hand, or whether it is alive can't be told yet`
    throw new MurmurError('UNAVAILABLE', what, { retryAfterMs: RETRY_AFTER_MS })
  }

  async #record(one: Case, { record }: StartJudgement): Promise<void> {
    const { step, requester, state } = one
    const dispatchId = MESSAGE_IDS.dispatch(step.taskId, step.stepId, step.attempt)
    const partition = partitionOf(step.taskId, this.#deps.partitions)
    if (record === 'started') {
      const { instance, bornAtMs } = requester
      const body: StepStarted = { v: 1, ...nameOf(step), instance, bornAtMs, alone: step.alone }
      const msgId = MESSAGE_IDS.started(dispatchId, bornAtMs, step)
      await this.#write(SUBJECTS.log(partition, 'started'), body, msgId)
    } else if (record === 'crashed') {
      const run = runStateOf(state!, step.stepId)!.run!
      const token = tokenField(this.#deps.tokens, { ...nameOf(step), agent: one.agent })
      const body = { ...crashOf(step, run, this.#deps.brokerNowMs()), ...token }
      await this.#write(
        SUBJECTS.result(partition, one.agent),
        body,
        MESSAGE_IDS.crashed(dispatchId, run.bornAtMs),
      )
    }
  }

  async #release(agent: string, { instance, steps }: RequestOf<'releaseSteps'>): Promise<{ ok: true }> {
    for (const some of inParts(steps)) {
      const states = await this.#states.of(agent, some)
      const known = some.filter((_, i) => states[i] !== undefined)
      const writes = known.map((step) => {
        const body: StepReleased = { v: 1, ...nameOf(step), instance }
        const subject = SUBJECTS.log(partitionOf(step.taskId, this.#deps.partitions), 'released')
        // It may come back to the same instance and be handed back once more: each time counts, and twice does no harm.
        return this.#write(subject, body, randomUUID())
      })
      await Promise.all(writes)
    }
    return { ok: true }
  }

  #write(subject: string, body: object, msgId: string): Promise<unknown> {
    return this.#deps.bus.publisher.publish(subject, JSON.stringify(body), {
      msgId,
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
    })
  }
}

function inParts<Item>(items: Item[]): Item[][] {
  const parts: Item[][] = []
  for (let at = 0; at < items.length; at += READ_BATCH) parts.push(items.slice(at, at + READ_BATCH))
  return parts
}

function nameOf({ taskId, stepId, attempt }: Attempt): Attempt {
  return { taskId, stepId, attempt }
}

/** What the process can't say any more itself. */
function crashOf(step: Attempt, run: NonNullable<StepState['run']>, nowMs: number): StepResult {
  const message = `instance "${run.instance}" fell silent while it ran this step and nothing else, and is not heard of any more`
  return {
    v: 1,
    ...nameOf(step),
    instance: run.instance,
    startedAtMs: run.sinceMs,
    finishedAtMs: nowMs,
    outcome: { kind: 'retry', error: { code: 'AGENT_CRASHED', message } },
  }
}
