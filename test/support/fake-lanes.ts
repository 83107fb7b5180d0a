import type { Bus } from '../../services/platform/nats/bus.ts'
import type { Delivery } from '../../services/platform/nats/delivery.ts'
import type { PullEnd, PullOptions } from '../../services/platform/nats/puller.ts'

export interface FakeDelivery {
  name: string
  lane: number
  /** What became of it. */
  settled: 'ack' | 'nak' | undefined
  deliveryCount: number
}

interface Lane {
  waiting: FakeDelivery[]
  onMessage: (delivery: Delivery) => void
  open: { remaining: number; waits: boolean; end: (how: PullEnd) => void } | undefined
}

/**
 * A bus whose queues a test fills by hand: pulls are served at once when there is something, and those that wait expire when
 * the test says so. What is given back is delivered again, counted.
 */
export class FakeLanes {
  readonly bus: Bus
  readonly delivered: FakeDelivery[] = []
  /** Requests to the server. */
  pulls = 0
  readonly #lanes: Lane[] = []

  constructor() {
    const createPuller = (_: unknown, onMessage: (delivery: Delivery) => void) =>
      this.#createPuller(onMessage)
    this.bus = { consumers: { createPuller } } as unknown as Bus
  }

  put(lane: number, ...names: string[]): void {
    for (const name of names)
      this.#lanes[lane]!.waiting.push({ name, lane, settled: undefined, deliveryCount: 0 })
    this.#serve(this.#lanes[lane]!)
  }

  /** Messages asked for and not here yet, by lane. */
  get asked(): number[] {
    return this.#lanes.map(({ open }) => open?.remaining ?? 0)
  }

  waiting(lane: number): string[] {
    return this.#lanes[lane]!.waiting.map(({ name }) => name)
  }

  /** Every open pull comes to its end. */
  expire(how: PullEnd = 'expired'): void {
    for (const { open } of this.#lanes) open?.end(how)
  }

  #createPuller(onMessage: (delivery: Delivery) => void) {
    const lane: Lane = { waiting: [], onMessage, open: undefined }
    this.#lanes.push(lane)
    return {
      pull: ({ batch, expiresMs }: PullOptions) => {
        if (lane.open) throw new Error('a pull is open already')
        this.pulls++
        const { promise, resolve } = Promise.withResolvers<PullEnd>()
        const end = (how: PullEnd) => {
          lane.open = undefined
          resolve(how)
        }
        const open = { remaining: batch, waits: expiresMs !== undefined, end }
        lane.open = open
        // The server's answer takes a turn, as on the wire.
        setImmediate(() => {
          this.#serve(lane)
          if (lane.open === open && !open.waits) end('expired')
        })
        return promise
      },
      abandon: () => lane.open?.end('lost'),
      cancel: () => setImmediate(() => lane.open?.end('cancelled')),
    }
  }

  #serve(lane: Lane): void {
    while (lane.open && lane.waiting.length > 0) {
      const message = lane.waiting.shift()!
      message.deliveryCount++
      message.settled = undefined
      this.delivered.push(message)
      const open = lane.open
      open.remaining--
      lane.onMessage(this.#deliveryOf(lane, message))
      if (open.remaining === 0) open.end('filled')
    }
  }

  #deliveryOf(lane: Lane, message: FakeDelivery): Delivery {
    const settle = (how: 'ack' | 'nak') => () => {
      message.settled = how
      if (how === 'nak') lane.waiting.unshift(message)
    }
    return {
      deliveryCount: message.deliveryCount,
      waiting: lane.waiting.length,
      ack: settle('ack'),
      nak: settle('nak'),
      message,
    } as unknown as Delivery
  }
}
