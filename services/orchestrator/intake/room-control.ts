import { LIMITS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'
import { type AdmissionCheck, Refusal, type TaskDemand } from './admission-check.ts'
import { retryAfterMs } from './retry-hint.ts'

/** How full a stream is; limits of 0 or below are none. */
export interface Fill {
  bytes: number
  maxBytes: number
  messages: number
  maxMessages: number
}

/** What admission looks at, each with the share that new tasks may fill it to. */
export const STREAM_BOUNDS = {
  /** Above it, only what accepted tasks need: results, timers, starts, controls. */
  log: 0.85,
  /** Above it, only the next steps of accepted tasks. */
  steps: 0.8,
  /** Above it, only what accepted tasks put there. */
  objects: 0.9,
} as const
export type BoundedStream = keyof typeof STREAM_BOUNDS

export interface RoomLook {
  /** Of a clock that goes forward. */
  atMs: number
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
/** Events of a task that are no results: its end, a timer, a cancel. */
const OTHER_EVENTS = 3
/** The most that all inline outputs of a task have together. Bytes. */
const INLINE_OUTPUTS_BYTES = 192 * 1024
/** How fast the mean of what tasks need follows those that come in. */
const NEED_WEIGHT = 0.02

/**
 * Whether there is room for a task until it has ended: in the log, for its own event and for all results that accepted tasks
 * may still write; in the queues; in the object store. Refusing early is what keeps those parts free that only accepted
 * tasks may use. Pure but for its memory; the time comes in.
 */
export class RoomControl implements AdmissionCheck {
  readonly #maxWaitingSteps: number
  #looks: RoomLook[] = []
  #admittedBytes = 0
  readonly #admittedSteps = new Map<string, number>()
  /** Bytes that a task writes into the log after it was accepted, at most; the mean of those that came in. */
  #needBytes: number | undefined

  /** @param limits maxWaitingSteps: of one agent type; 0: no limit */
  constructor(limits: { maxWaitingSteps: number }) {
    this.#maxWaitingSteps = limits.maxWaitingSteps
  }

  observe(look: RoomLook): void {
    this.#looks.push(look)
    while (this.#looks.length > 2 && this.#looks[0]!.atMs < look.atMs - HISTORY_MS) this.#looks.shift()
    this.#admittedBytes = 0
    this.#admittedSteps.clear()
  }

  refusal(demand: TaskDemand | undefined, active: number): Refusal | undefined {
    const look = this.#looks.at(-1)
    if (!look) return undefined
    for (const stream of Object.keys(STREAM_BOUNDS) as BoundedStream[]) {
      const refusal = this.#refusalOfStream(stream, look)
      if (refusal) return refusal
    }
    return this.#refusalOfPromise(demand, active, look) ?? (demand && this.#refusalOfQueue(demand, look))
  }

  onAdmitted({ accepted, bytes }: TaskDemand): void {
    this.#admittedBytes += bytes
    const needBytes = neededBytes(accepted.plan)
    this.#needBytes =
      this.#needBytes === undefined
        ? needBytes
        : this.#needBytes + (needBytes - this.#needBytes) * NEED_WEIGHT
    for (const { agent, needs } of accepted.plan.steps)
      if (!needs?.length) this.#admittedSteps.set(agent, (this.#admittedSteps.get(agent) ?? 0) + 1)
  }

  #refusalOfStream(stream: BoundedStream, { fills }: RoomLook): Refusal | undefined {
    const fill = fills[stream]
    const bound = STREAM_BOUNDS[stream]
    const added = stream === 'log' ? this.#admittedBytes : 0
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
    { fills: { log } }: RoomLook,
  ): Refusal | undefined {
    const own = demand ? demand.bytes + neededBytes(demand.accepted.plan) : 0
    const needBytes = this.#needBytes ?? (demand ? neededBytes(demand.accepted.plan) : 0)
    const wanted = log.bytes + this.#admittedBytes + active * needBytes + own
    const mostBytes = log.maxBytes * PROMISED_SHARE
    if (log.maxBytes <= 0 || wanted <= mostBytes) return undefined
    return new Refusal(
      'log',
      `the log has room for what ${active} tasks in flight may still write, and for no more`,
      retryAfterMs(wanted - mostBytes, this.#drainPerSecond('log')),
    )
  }

  #refusalOfQueue({ accepted: { plan } }: TaskDemand, { waiting }: RoomLook): Refusal | undefined {
    if (this.#maxWaitingSteps === 0) return undefined
    for (const agent of new Set(plan.steps.map((step) => step.agent))) {
      const count = (waiting.get(agent) ?? 0) + (this.#admittedSteps.get(agent) ?? 0)
      if (count < this.#maxWaitingSteps) continue
      const excess = count - this.#maxWaitingSteps + 1
      return new Refusal(
        'queue',
        `${count} steps wait for agent "${agent}", ${this.#maxWaitingSteps} may`,
        retryAfterMs(
          excess,
          this.#fallPerSecond((look) => look.waiting.get(agent) ?? 0),
        ),
      )
    }
    return undefined
  }

  #drainPerSecond(stream: BoundedStream): number {
    return this.#fallPerSecond(({ fills }) => fills[stream].bytes)
  }

  #fallPerSecond(measure: (look: RoomLook) => number): number {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)]
    if (!first || !last || last.atMs <= first.atMs) return 0
    return ((measure(first) - measure(last)) * 1000) / (last.atMs - first.atMs)
  }
}

/** The larger of both shares; 0 where there is no limit. Pure. */
export function fillOf({ bytes, maxBytes, messages, maxMessages }: Fill): number {
  return Math.max(maxBytes > 0 ? bytes / maxBytes : 0, maxMessages > 0 ? messages / maxMessages : 0)
}

/** What a task may write into the log after its acceptance: an event a step with the largest inline output, and a few more. */
function neededBytes({ steps }: Plan): number {
  const outputs = Math.min(steps.length * LIMITS.inlineOutputBytes, INLINE_OUTPUTS_BYTES)
  return outputs + (steps.length + OTHER_EVENTS) * EVENT_BYTES
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
