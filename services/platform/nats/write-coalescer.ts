import type { NatsConnection, PublishOptions } from '@nats-io/transport-node'
import { MurmurError } from '../errors/murmur-error.ts'

interface Outgoing {
  subject: string
  data: string | Uint8Array
  options: PublishOptions | undefined
}

/** Room for the headers that services set. Bytes. */
const HEADERS_BYTES = 1024

/**
 * What is sent during one turn of the event loop goes out together at its end. The client library writes to the socket at
 * the next microtask, which under load means one system call a message; gathered, a turn costs one. Nothing waits longer
 * than until all input that is there already has been handled.
 */
export class WriteCoalescer {
  readonly #nc: NatsConnection
  #waiting: Outgoing[] = []

  constructor(nc: NatsConnection) {
    this.#nc = nc
  }

  /**
   * What the client would refuse later, when nobody is there to be told, is refused here.
   * @throws MurmurError PAYLOAD_TOO_LARGE above what the server takes; TypeError when the subject is none
   */
  send(subject: string, data: string | Uint8Array, options?: PublishOptions): void {
    if (subject === '' || /\s/.test(subject)) throw new TypeError(`"${subject}" is no subject`)
    this.#assertFits(subject, data, options)
    this.#waiting.push({ subject, data, options })
    if (this.#waiting.length === 1) setImmediate(() => this.flush())
  }

  /** Hands everything to the client now. What can't be sent because the connection is closed is gone, as after sending. */
  flush(): void {
    const outgoing = this.#waiting
    this.#waiting = []
    for (const { subject, data, options } of outgoing) {
      if (this.#nc.isClosed()) return
      // A string would go through TextEncoder, which takes twice as long.
      this.#nc.publish(subject, typeof data === 'string' ? Buffer.from(data) : data, options)
    }
  }

  #assertFits(subject: string, data: string | Uint8Array, options: PublishOptions | undefined): void {
    const maxBytes =
      (this.#nc.info?.max_payload ?? Number.POSITIVE_INFINITY) - (options?.headers ? HEADERS_BYTES : 0)
    // A character takes three bytes at most, so most messages need no counting.
    if (data.length * 3 <= maxBytes) return
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    if (bytes > maxBytes) {
      throw new MurmurError(
        'PAYLOAD_TOO_LARGE',
        `a message on ${subject} has ${bytes} bytes, the server takes ${maxBytes}`,
      )
    }
  }
}
