import type { NatsConnection, PublishOptions } from '@nats-io/transport-node'

interface Outgoing {
  subject: string
  data: string | Uint8Array
  options: PublishOptions | undefined
}

/**
 * What is sent during one turn of the event loop goes out together at its end. The client library writes to the socket at
 * the next microtask, which under load means one system call a message; gathered, a turn costs one. Nothing waits longer
 * than until all input that is there already has been handled.
 */
export class Outbox {
  readonly #nc: NatsConnection
  #waiting: Outgoing[] = []

  constructor(nc: NatsConnection) {
    this.#nc = nc
  }

  send(subject: string, data: string | Uint8Array, options?: PublishOptions): void {
    this.#waiting.push({ subject, data, options })
    if (this.#waiting.length === 1) setImmediate(() => this.flush())
  }

  /** Hands everything to the client now. What can't be sent because the connection is closed is gone, as after sending. */
  flush(): void {
    const outgoing = this.#waiting
    this.#waiting = []
    for (const { subject, data, options } of outgoing) {
      if (this.#nc.isClosed()) return
      this.#nc.publish(subject, data, options)
    }
  }
}
