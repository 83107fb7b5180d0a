import type { Msg } from '@nats-io/transport-node'
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
    const info = parseAckSubject(message.reply ?? '')
    this.#coalescer = coalescer
    this.#message = message
    this.subject = message.subject
    this.data = message.data
    this.seq = info.seq
    this.deliveryCount = info.deliveryCount
    this.storedAtMs = info.storedAtMs
    this.waiting = info.waiting
  }

  /** Where the broker listens for what becomes of this delivery. */
  get ackSubject(): string {
    return this.#message.reply!
  }

  header(name: string): string | undefined {
    return this.#message.headers?.get(name) || undefined
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

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<streamSeq>.<consumerSeq>.<timeNs>.<pending>`, or the longer form with
 * domain and account hash after `$JS.ACK` that newer servers may send (ADR-15).
 */
function parseAckSubject(reply: string): {
  seq: number
  deliveryCount: number
  storedAtMs: number
  waiting: number
} {
  const tokens = reply.split('.')
  const at = tokens.length === 9 ? 4 : 6
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) {
    throw new TypeError(`not a message of a stream: reply subject "${reply}"`)
  }
  return {
    deliveryCount: Number(tokens[at]),
    seq: Number(tokens[at + 1]),
    storedAtMs: Math.floor(Number(tokens[at + 3]) / 1e6),
    waiting: Number(tokens[at + 4]),
  }
}
