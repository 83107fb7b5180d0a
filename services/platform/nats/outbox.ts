import type { NatsConnection, PublishOptions } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'

interface Outgoing {
  subject: string
  data: string | Uint8Array
  options: PublishOptions | undefined
}

/** Under load, messages go out this often. Milliseconds. */
const GATHER_MS = 1

/**
 * What is sent during one turn of the event loop goes out together at its end. The client library writes to the socket at
 * the next microtask, which under load means one system call a message; gathered, a turn costs one. When the last turn
 * went out less than a millisecond ago there is load, and the next is gathered for a millisecond: fewer and larger
 * writes here, and fewer and larger reads for everybody behind. After a pause nothing waits.
 */
export class Outbox {
  readonly #nc: NatsConnection
  #waiting: Outgoing[] = []
  #flushedAtMs = 0

  constructor(nc: NatsConnection) {
    this.#nc = nc
  }

  send(subject: string, data: string | Uint8Array, options?: PublishOptions): void {
    this.#waiting.push({ subject, data, options })
    if (this.#waiting.length > 1) return
    if (systemClock.monotonicMs() - this.#flushedAtMs < GATHER_MS) setTimeout(() => this.flush(), GATHER_MS)
    else setImmediate(() => this.flush())
  }

  /** Hands everything to the client now. What can't be sent because the connection is closed is gone, as after sending. */
  flush(): void {
    const outgoing = this.#waiting
    if (outgoing.length === 0) return
    this.#waiting = []
    this.#flushedAtMs = systemClock.monotonicMs()
    for (const { subject, data, options } of outgoing) {
      if (this.#nc.isClosed()) return
      this.#nc.publish(subject, data, options)
    }
  }
}
