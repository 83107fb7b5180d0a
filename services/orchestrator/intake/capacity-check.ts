import { percent } from '#platform/statistics/percent.ts'
import { DEFAULTS, LIMITS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'
import { BLOB_BUCKET } from '#subjects/streams.ts'
import { agentsOf } from '#workflow/plan/check-plan.ts'
import {
  type AdmissionCheck,
  fallPerSecond,
  MAX_LINE_MS,
  Refusal,
  retryAfterMs,
  type TaskDemand,
} from './admission-check.ts'
import { type AdmittedTask, PendingAdmissions } from './pending-admissions.ts'
import { NOBODY, type View } from './places.ts'

/** How full a stream is; limits of 0 or below are none. */
export interface Fill {
  bytes: number
  maxBytes: number
  messages: number
  maxMessages: number
}

/** The streams that admission checks, each with the share that new tasks may fill it to. */
export const STREAM_BOUNDS = {
  /** Above it, only what accepted tasks need: results, timers, starts, controls. */
  log: 0.85,
  /** Above it, only the next steps of accepted tasks. */
  steps: 0.8,
  objects: BLOB_BUCKET.newWorkShare,
} as const
export type BoundedStream = keyof typeof STREAM_BOUNDS

export interface CapacitySample {
  /** Of a clock that goes forward. */
  atMs: number
  /** The last event in the log when its fill was read. */
  logSeq: number
  /** Orchestrators that let tasks in, this one among them: what comes is spread over all, and none sees what the others let in. */
  orchestrators: number
  fills: Readonly<Record<BoundedStream, Fill>>
  /** Steps by agent type that are queued, or wait until they can be. */
  waiting: ReadonlyMap<string, number>
}

const WHAT: Record<BoundedStream, string> = {
  log: 'the log',
  steps: 'the stream of queues',
  objects: 'the object store',
}
const HISTORY_MS = 10_000
/** What is promised to accepted tasks may fill the log to this. */
const PROMISED_SHARE = 0.97
/** An event beside what it carries: names, numbers, headers. Bytes. */
const EVENT_BYTES = 700
/** Its result, and a timer or that it was handed back. */
const EVENTS_OF_ATTEMPT = 2
/** Events of a task that belong to no attempt: its deadline, a cancel. */
const OTHER_EVENTS = 3
/** How fast the mean of what tasks need follows those that come in. */
const NEED_WEIGHT = 0.02

/** What a task that was let in takes: its event, and what it may write into the log later. Bytes. */
interface Taken {
  bytes: number
  needBytes: number
  agents: readonly string[]
}

/**
 * Whether there is room for a task until it has ended: in the log, for its own event and for all results that accepted tasks
 * may still write; in the queues; in the object store. Refusing early is what keeps those parts free that only accepted
 * tasks may use. Between two samples it counts what it let in itself, and takes no more than its share of what is free, because
 * other orchestrators take theirs unseen. Pure but for its memory; the time comes in.
 */
export class CapacityCheck implements AdmissionCheck {
  readonly #maxWaitingSteps: number
  #samples: CapacitySample[] = []
  #unseenBytes = 0
  #unseenNeedBytes = 0
  readonly #unseenSteps = new Map<string, number>()
  readonly #unseen = new PendingAdmissions<Taken>((taken, sign) => this.#count(taken, sign))
  /** Bytes that a task writes into the log after it was accepted, at most; the mean of those that came in. */
  #needBytes: number | undefined

  /** @param limits maxWaitingSteps: of one agent type; 0: no limit */
  constructor(limits: { maxWaitingSteps: number }) {
    this.#maxWaitingSteps = limits.maxWaitingSteps
  }

  observe(sample: CapacitySample): void {
    this.#samples.push(sample)
    while (this.#samples.length > 2 && this.#samples[0]!.atMs < sample.atMs - HISTORY_MS)
      this.#samples.shift()
    this.#unseen.observe(() => sample.logSeq)
  }

  refusal(demand: TaskDemand | undefined, active: number, view = NOBODY): Refusal | undefined {
    const sample = this.#samples.at(-1)
    if (!sample) return undefined
    for (const stream of Object.keys(STREAM_BOUNDS) as BoundedStream[]) {
      const refusal = this.#refusalOfStream(stream, sample)
      if (refusal) return refusal
    }
    return (
      this.#refusalOfPromise(demand, active, sample) ?? (demand && this.#refusalOfQueue(demand, sample, view))
    )
  }

  onAdmitted({ accepted, bytes }: TaskDemand): AdmittedTask {
    const needBytes = neededBytes(accepted.plan)
    this.#needBytes =
      this.#needBytes === undefined
        ? needBytes
        : this.#needBytes + (needBytes - this.#needBytes) * NEED_WEIGHT
    const first = accepted.plan.steps.filter(({ needs }) => !needs?.length)
    return this.#unseen.add({ bytes, needBytes, agents: first.flatMap(({ agent }) => agent ?? []) })
  }

  #count({ bytes, needBytes, agents }: Taken, sign: 1 | -1): void {
    this.#unseenBytes += sign * bytes
    this.#unseenNeedBytes += sign * needBytes
    for (const agent of agents) this.#unseenSteps.set(agent, (this.#unseenSteps.get(agent) ?? 0) + sign)
  }

  #refusalOfStream(stream: BoundedStream, { fills, orchestrators }: CapacitySample): Refusal | undefined {
    const fill = fills[stream]
    const bound = STREAM_BOUNDS[stream]
    const added = stream === 'log' ? this.#unseenBytes * sharers(orchestrators) : 0
    const share = fillOf({ ...fill, bytes: fill.bytes + added })
    if (share <= bound) return undefined
    const excess = (share - bound) * Math.max(fill.maxBytes, 0)
    return new Refusal(
      stream,
      `${WHAT[stream]} is ${percent(share)} full, new tasks may fill it to ${percent(bound)}`,
      retryAfterMs(excess, this.#drainPerSecond(stream)),
    )
  }

  /** Everything that was accepted must be able to end, even if each step gives the largest output that travels inline. */
  #refusalOfPromise(
    demand: TaskDemand | undefined,
    active: number,
    { fills: { log }, orchestrators }: CapacitySample,
  ): Refusal | undefined {
    const own = demand ? demand.bytes + neededBytes(demand.accepted.plan) : 0
    const needBytes = this.#needBytes ?? (demand ? neededBytes(demand.accepted.plan) : 0)
    const seen = Math.max(0, active - this.#unseen.size)
    const unseen = this.#unseenBytes + this.#unseenNeedBytes + own
    const wanted = log.bytes + seen * needBytes + unseen * sharers(orchestrators)
    const mostBytes = log.maxBytes * PROMISED_SHARE
    if (log.maxBytes <= 0 || wanted <= mostBytes) return undefined
    return new Refusal(
      'log',
      `the log has room for what ${active} tasks in flight may still write, and for no more`,
      retryAfterMs(wanted - mostBytes, this.#drainPerSecond('log')),
    )
  }

  #refusalOfQueue(
    { accepted: { plan } }: TaskDemand,
    { waiting }: CapacitySample,
    view: View,
  ): Refusal | undefined {
    if (this.#maxWaitingSteps === 0) return undefined
    const agents = agentsOf(plan)
    for (const agent of agents) {
      const count = (waiting.get(agent) ?? 0) + (this.#unseenSteps.get(agent) ?? 0)
      if (count + Math.round(view.due(queueLine(agent))) < this.#maxWaitingSteps) continue
      const excess = count + Math.round(view.ahead(queueLine(agent))) - this.#maxWaitingSteps + 1
      return new Refusal(
        'queue',
        `${count} steps wait for agent "${agent}", ${this.#maxWaitingSteps} may`,
        retryAfterMs(
          excess,
          fallPerSecond(this.#samples, (sample) => sample.waiting.get(agent) ?? 0),
          MAX_LINE_MS,
        ),
        new Map([...agents].map((one) => [queueLine(one), { units: 1 }])),
      )
    }
    return undefined
  }

  #drainPerSecond(stream: BoundedStream): number {
    return fallPerSecond(this.#samples, ({ fills }) => fills[stream].bytes)
  }
}

const queueLine = (agent: string) => `queue ${agent}`

/** The larger of both shares; 0 where there is no limit. Pure. */
export function fillOf({ bytes, maxBytes, messages, maxMessages }: Fill): number {
  return Math.max(maxBytes > 0 ? bytes / maxBytes : 0, maxMessages > 0 ? messages / maxMessages : 0)
}

/**
 * What is free is divided by so many until the next sample. Alone: by nobody. Else by twice as many as there are: the others don't
 * sample at the same moment, and one that samples again takes its share of what is left while they still have theirs.
 */
function sharers(orchestrators: number): number {
  return orchestrators > 1 ? 2 * orchestrators : 1
}

/** What a task may write into the log after its acceptance: the largest inline outputs, the events of all attempts, and a few more. */
function neededBytes({ steps }: Plan): number {
  const outputs = Math.min(steps.length * LIMITS.inlineOutputBytes, LIMITS.inlineOutputsBytes)
  const attempts = steps.reduce(
    (sum, { retry }) => sum + (retry?.maxAttempts ?? DEFAULTS.retry.maxAttempts),
    0,
  )
  return outputs + (attempts * EVENTS_OF_ATTEMPT + OTHER_EVENTS) * EVENT_BYTES
}
