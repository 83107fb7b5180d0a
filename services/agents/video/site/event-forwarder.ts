import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { PullLoop } from '#platform/nats/pull-loop.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { CENTRE } from '#subjects/site-permissions.ts'
import { TO_CENTRE_CONSUMER } from '#subjects/site-streams.ts'

export interface EventForwarderDeps {
  bus: Pick<Bus, 'consumers' | 'publisher'>
  log: Log
  metrics: Metrics
}

/** In memory at the same time: some 5 MB of the largest. */
const IN_HAND = 256
const PULL_EXPIRES_MS = 1000
/** Three times within the ack wait, so that one lost message does no harm. */
const EXTEND_INTERVAL_MS = TO_CENTRE_CONSUMER.ackWaitMs / 3
const MESSAGE_ID = 'Nats-Msg-Id'
const TRACE = 'traceparent'

/**
 * Sends camera events from the stream of the site to that of the centre, each under the id that it has, so that what is sent twice is
 * stored once. Those of one camera go one after the other, as they happened; cameras don't wait for each other. An event leaves
 * the queue when the centre has stored it: while the link is cut, events stay where they are.
 */
export class EventForwarder {
  readonly #deps: EventForwarderDeps
  readonly #loop: PullLoop
  /** The last event of each camera that is under way, by subject. */
  readonly #lines = new Map<string, Promise<void>>()
  readonly #inHand = new Set<Delivery>()
  #keepAlive: NodeJS.Timeout | undefined
  #highest = 0
  #lost = 0
  #wakeForRoom: (() => void) | undefined

  constructor(deps: EventForwarderDeps) {
    this.#deps = deps
    const { stream, name } = TO_CENTRE_CONSUMER
    const puller = deps.bus.consumers.createPuller({ stream, consumer: name }, (delivery) =>
      this.#take(delivery),
    )
    this.#loop = new PullLoop(puller, {
      room: () => IN_HAND - this.#inHand.size,
      untilRoom: (signal) => this.#untilRoom(signal),
      expiresMs: PULL_EXPIRES_MS,
    })
  }

  /** Events that were gone before they could be taken, as the stream was full or they were too old, since the start. */
  get lost(): number {
    return this.#lost
  }

  /** @param deliveredSeq up to which message of the stream all have been handed out before */
  start(deliveredSeq: number): void {
    this.#highest = deliveredSeq
    this.#keepAlive = setInterval(() => {
      for (const delivery of this.#inHand) delivery.working()
    }, EXTEND_INTERVAL_MS)
    this.#loop.start()
  }

  /** Takes nothing more. What is under way is not waited for: it comes again, under the same id. */
  async stop(): Promise<void> {
    clearInterval(this.#keepAlive)
    await this.#loop.stop()
  }

  #take(delivery: Delivery): void {
    if (this.#loop.stopped) {
      delivery.nak()
      return
    }
    this.#countGap(delivery)
    this.#inHand.add(delivery)
    const { subject } = delivery
    const line = (this.#lines.get(subject) ?? Promise.resolve()).then(() => this.#send(delivery))
    this.#lines.set(subject, line)
    void line.then(() => {
      if (this.#lines.get(subject) === line) this.#lines.delete(subject)
      this.#inHand.delete(delivery)
      this.#wakeForRoom?.()
    })
  }

  /** Every message of the stream is for this queue, so what lies between two has been taken away. */
  #countGap({ seq, deliveryCount }: Delivery): void {
    const gap = seq - this.#highest - 1
    if (deliveryCount === 1 && gap > 0) {
      this.#lost += gap
      this.#deps.metrics.counter('murmur_site_events_lost_total').labels().inc(gap)
      this.#deps.log.error(
        { lost: gap },
        'camera events were over the limits of the site before the centre could have them',
      )
    }
    this.#highest = Math.max(this.#highest, seq)
  }

  /** Never rejects. */
  async #send(delivery: Delivery): Promise<void> {
    const { bus, log, metrics } = this.#deps
    if (this.#loop.stopped) return
    const { subject, data, seq } = delivery
    const trace = delivery.header(TRACE)
    try {
      await bus.publisher.publish(CENTRE.cameraEvents(subject), data, {
        msgId: delivery.header(MESSAGE_ID) ?? `site-event:${subject}:${seq}:${delivery.storedAtMs}`,
        ...(trace !== undefined && { headers: { [TRACE]: trace } }),
      })
      delivery.ack()
      metrics.counter('murmur_site_events_sent_total').labels().inc()
    } catch (error) {
      // Closed, or refused for good, as by a centre of other limits: those that follow are not to wait for it for ever.
      if (this.#loop.stopped) return
      delivery.term()
      this.#lost++
      metrics.counter('murmur_site_events_lost_total').labels().inc()
      log.error({ subject, seq, reason: messageOf(error) }, 'the centre does not take a camera event')
    }
  }

  #untilRoom(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end)
        this.#wakeForRoom = undefined
        resolve()
      }
      signal.addEventListener('abort', end)
      this.#wakeForRoom = end
      if (signal.aborted || this.#inHand.size < IN_HAND) end()
    })
  }
}
