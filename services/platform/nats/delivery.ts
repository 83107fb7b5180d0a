import type { Msg } from '@nats-io/transport-node'
import { parseAckSubject } from '#subjects/jetstream-api.ts'
import { headerOf } from './message-header.ts'
import type { WriteCoalescer } from './write-coalescer.ts'

const encoder = new TextEncoder()
const ACK = encoder.encode('+ACK')
const TERM = encoder.encode('+TERM')
const WORKING = encoder.encode('+WPI')

/** A message of a stream in our hands, with what can be said about it. Settling twice is ignored. */
export class Delivery {
  readonly subject: string
  readonly data: Uint8Array
  /** Sequence number in the stream. */
  readonly seq: number
  /** 1 on the first delivery. */
  readonly deliveryCount: number
  /** When the broker stored it. Unix milliseconds. */
  readonly storedAtMs: number
  /** Messages of the same queue that were still waiting when this one was handed out. */
  readonly waiting: number
  readonly #coalescer: WriteCoalescer
  readonly #message: Msg
  #settled = false

  /** @throws TypeError when the message did not come from a stream */
  constructor(coalescer: WriteCoalescer, message: Msg) {
    const address = parseAckSubject(message.reply ?? '')
    if (!address) throw new TypeError(`not a message of a stream: reply subject "${message.reply ?? ''}"`)
    this.#coalescer = coalescer
    this.#message = message
    this.subject = message.subject
    this.data = message.data
    this.seq = address.seq
    this.deliveryCount = address.deliveries
    this.storedAtMs = address.storedAtMs
    this.waiting = address.pending
  }

  /** Where the broker listens for what becomes of this delivery. */
  get ackSubject(): string {
    return this.#message.reply!
  }

  header(name: string): string | undefined {
    return headerOf(this.#message, name)
  }

  /** Done: the message leaves the queue. Fire and forget: when it is lost the message comes again. */
  ack(): void {
    this.#settle(ACK)
  }

  /** Never deliver it again. */
  term(): void {
    this.#settle(TERM)
  }

  /** Not now: deliver it again after `delayMs`. */
  nak(delayMs = 0): void {
    this.#settle(encoder.encode(delayMs > 0 ? `-NAK {"delay":${Math.round(delayMs * 1e6)}}` : '-NAK'))
  }

  /** Still at it: starts the ack wait anew. */
  working(): void {
    if (!this.#settled) this.#coalescer.send(this.#message.reply!, WORKING)
  }

  #settle(payload: Uint8Array): void {
    if (this.#settled) return
    this.#settled = true
    this.#coalescer.send(this.#message.reply!, payload)
  }
}
