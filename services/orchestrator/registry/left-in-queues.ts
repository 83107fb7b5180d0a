import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { ownQueueConsumer, STEP_MAX_DELIVER, STREAMS, stepConsumers } from '#subjects/streams.ts'
import { parseStepAtSubject, parseStepSubject, SUBJECTS } from '#subjects/subjects.ts'
import { Poller } from '../intake/poller.ts'
import type { DeadLetters } from './dead-letters.ts'

export interface LeftInQueuesDeps {
  bus: { streams: Pick<Bus['streams'], 'fill' | 'nextMessage'>; consumers: Pick<Bus['consumers'], 'depth'> }
  deadLetters: Pick<DeadLetters, 'settle'>
  /** Whether this orchestrator is the one that looks. Two at the same time do no harm. */
  isLooker: () => boolean
  clock: Clock
  log: Log
  intervalMs?: number
}

const LOOK_INTERVAL_MS = 30_000
/** Queues looked at in one round, and messages settled in each: two requests a queue that is not empty. */
const MAX_QUEUES = 1000
const MAX_SETTLED = 1000

/**
 * Finds steps that their queue has handed out as often as it may while no orchestrator was there to hear of it. They are in the stream, yet
 * before everything that their queue has in work; the broker tells that place once it had nothing in work. What is found twice in a row, so that it isn't just being acknowledged, is settled
 * as if the broker had told of it.
 */
export class LeftInQueues extends Poller {
  readonly name = 'left in queues'
  readonly #deps: LeftInQueuesDeps
  /** By queue, the first message that was found left there. */
  #suspects = new Map<string, number>()

  constructor(deps: LeftInQueuesDeps) {
    super(deps.clock, deps.intervalMs ?? LOOK_INTERVAL_MS)
    this.#deps = deps
  }

  protected async poll(): Promise<void> {
    if (!this.#deps.isLooker()) return
    try {
      await this.look()
    } catch (error) {
      this.#deps.log.debug({ reason: messageOf(error) }, 'queues of steps could not be looked through')
    }
  }

  /** One round. @returns messages that were settled @throws MurmurError UNAVAILABLE */
  async look(): Promise<number> {
    const { subjects } = await this.#deps.bus.streams.fill(STREAMS.steps.name, SUBJECTS.stepsAll)
    const before = this.#suspects
    this.#suspects = new Map()
    let settled = 0
    for (const subject of [...subjects.keys()].slice(0, MAX_QUEUES))
      settled += await this.#lookInto(subject, before.get(subject))
    return settled
  }

  async #lookInto(subject: string, suspect: number | undefined): Promise<number> {
    const { bus, deadLetters } = this.#deps
    const consumer = consumerOf(subject)
    const depth = consumer && (await bus.consumers.depth(STREAMS.steps.name, consumer))
    if (!depth) return 0
    const next = async (from: number) => {
      const message = await bus.streams.nextMessage(STREAMS.steps.name, subject, from)
      return message && message.seq <= depth.settledSeq ? message.seq : undefined
    }
    let seq = await next(1)
    if (seq === undefined) return 0
    this.#suspects.set(subject, seq)
    if (seq !== suspect) return 0
    let settled = 0
    for (; seq !== undefined && settled < MAX_SETTLED; seq = await next(seq + 1)) {
      await deadLetters.settle(seq, STEP_MAX_DELIVER)
      settled++
    }
    return settled
  }
}

function consumerOf(subject: string): string | undefined {
  const own = parseStepAtSubject(subject)
  if (own) return ownQueueConsumer(own.agent, own.queue).name
  const agent = parseStepSubject(subject)?.agent
  if (agent === undefined) return undefined
  return stepConsumers(agent).find(({ filterSubject }) => filterSubject === subject)?.name
}
