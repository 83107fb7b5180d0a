import type { Pulling } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { PullLoop } from '#platform/nats/pull-loop.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Severity } from '#schemas/watch-rule.ts'
import { CAMERA_EVENTS_CONSUMER } from '#subjects/streams.ts'
import { readEvent } from './read-event.ts'
import { UrgencyQueue } from './urgency-queue.ts'

export interface EventIntakeDeps {
  bus: Pulling
  /** Settles the delivery itself. Must not reject. */
  onEvent: (event: CameraEvent, delivery: Delivery) => Promise<void>
  /** A message that is no event. Settles the delivery itself. Must not reject. */
  onMalformed: (delivery: Delivery, fault: string) => Promise<void>
  /** Called when the way to the queue was lost, so that it can be made again. */
  onLost?: () => Promise<void>
  /** Events held here at the same time, at most. Default 2000: a few megabytes. */
  capacity?: number
  /** Events worked on at the same time, at most. */
  concurrency?: number
}

interface Waiting {
  severity: Severity
  seq: number
  event: CameraEvent
  delivery: Delivery
}

const PULL_EXPIRES_MS = 1000
/** Three times within the ack wait, so that one lost message does no harm. */
const EXTEND_INTERVAL_MS = CAMERA_EVENTS_CONSUMER.ackWaitMs / 3
/** More is on its way when the broker says so; when nothing comes for so long, it went to another instance. */
const GAP_MS = 25
/** However much comes, nobody waits longer for the order of it. */
const GATHER_MS = 250

/**
 * Takes camera events and hands them on, the most urgent first.
 *
 * The stream has them in the order in which they happened. To put that right under load they are taken in advance, as many
 * as there is room for, and wait here in a heap. Each message tells how many more the broker has for us: while that is more
 * than none, the next ones are awaited for a moment, because a critical one may be among them; an event that comes alone is
 * handled at once. What waits is kept alive towards the broker, and given back at the end.
 */
export class EventIntake {
  readonly #deps: EventIntakeDeps
  readonly #capacity: number
  readonly #concurrency: number
  readonly #pulls: PullLoop
  readonly #queue = new UrgencyQueue<Waiting>()
  readonly #inHand = new Map<Promise<void>, Delivery>()
  #keepAlive: NodeJS.Timeout | undefined
  #gathering: { gap: NodeJS.Timeout; end: NodeJS.Timeout } | undefined
  #wakeForRoom: (() => void) | undefined

  constructor(deps: EventIntakeDeps) {
    this.#deps = deps
    this.#capacity = deps.capacity ?? 2000
    this.#concurrency = deps.concurrency ?? 8
    const { stream, name } = CAMERA_EVENTS_CONSUMER
    const puller = deps.bus.consumers.createPuller({ stream, consumer: name }, (delivery) =>
      this.#receive(delivery),
    )
    this.#pulls = new PullLoop(puller, {
      room: () => this.#capacity - this.held,
      untilRoom: () => this.#untilRoom(),
      expiresMs: PULL_EXPIRES_MS,
      ...(deps.onLost && { onLost: deps.onLost }),
    })
  }

  /** Events here: waiting and in hand. */
  get held(): number {
    return this.#queue.size + this.#inHand.size
  }

  start(): void {
    this.#keepAlive = setInterval(() => this.#extendAckWait(), EXTEND_INTERVAL_MS)
    this.#pulls.start()
  }

  /** Takes nothing more and gives back what nobody has begun with. */
  async quiesce(): Promise<void> {
    const stopped = this.#pulls.stop()
    this.#wakeForRoom?.()
    this.#endGathering()
    for (const { delivery } of this.#queue.drain()) delivery.nak()
    await stopped
  }

  /** Waits for what is in hand. */
  async stop(): Promise<void> {
    await this.quiesce()
    await Promise.all(this.#inHand.keys())
    clearInterval(this.#keepAlive)
  }

  #untilRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeForRoom = resolve
    })
  }

  #receive(delivery: Delivery): void {
    if (this.#pulls.stopped) {
      delivery.nak()
      return
    }
    const read = readEvent(delivery.subject, delivery.data)
    if ('fault' in read) {
      this.#track(delivery, this.#deps.onMalformed(delivery, read.fault))
    } else {
      const { event } = read
      this.#queue.push({ severity: event.rule.severity, seq: delivery.seq, event, delivery })
    }
    if (delivery.waiting > 0 && this.held < this.#capacity) this.#gather()
    else this.#begin()
  }

  #gather(): void {
    if (this.#gathering) {
      this.#gathering.gap.refresh()
      return
    }
    const begin = () => this.#begin()
    this.#gathering = { gap: setTimeout(begin, GAP_MS), end: setTimeout(begin, GATHER_MS) }
  }

  #endGathering(): void {
    clearTimeout(this.#gathering?.gap)
    clearTimeout(this.#gathering?.end)
    this.#gathering = undefined
  }

  /** Hands on what there are hands for. */
  #begin(): void {
    this.#endGathering()
    while (!this.#pulls.stopped && this.#inHand.size < this.#concurrency) {
      const next = this.#queue.pop()
      if (!next) return
      this.#track(next.delivery, this.#deps.onEvent(next.event, next.delivery))
    }
  }

  #track(delivery: Delivery, work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#inHand.delete(tracked)
      this.#wakeForRoom?.()
      // While a burst is still being gathered, its end decides who is next.
      if (!this.#gathering) this.#begin()
    })
    this.#inHand.set(tracked, delivery)
  }

  #extendAckWait(): void {
    for (const { delivery } of this.#queue.values()) delivery.working()
    for (const delivery of this.#inHand.values()) delivery.working()
  }
}
