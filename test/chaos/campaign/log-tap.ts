import { setTimeout as sleep } from 'node:timers/promises'
import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import type { LogReader } from '../../../services/platform/nats/log-reader.ts'
import { readStream, type StoredMessage } from './read-stream.ts'

const NUDGE_MS = 150
const PURGE_TIMEOUT_MS = 20_000

/** Reads the log all the time, so that what is purged of it is known to who judges the run. */
export class LogTap {
  readonly #nc: NatsConnection
  readonly #reader: LogReader
  readonly #messages = new Map<number, StoredMessage>()
  #lastSeq = 0

  constructor(bus: Bus, nc: NatsConnection) {
    this.#nc = nc
    this.#reader = bus.consumers.readLog({
      ...{ stream: 'LOG', filterSubject: 'log.>', fromSeq: 1 },
      onMessage: ({ seq, storedAtMs, subject, data }) => this.#hear({ seq, atMs: storedAtMs, subject, data }),
    })
  }

  /** What has come so far, in order. */
  get messages(): StoredMessage[] {
    return [...this.#messages.values()].sort((a, b) => a.seq - b.seq)
  }

  /** All that the log has ever held, but for what went with a store that was restored; and how much of it is purged. @throws Error when something was purged before it was read */
  async all(): Promise<{ messages: StoredMessage[]; purged: number }> {
    const stored = await readStream(this.#nc, 'LOG')
    const { state } = await this.#info()
    const firstSeq = stored[0]?.seq ?? state.last_seq + 1
    const purged = this.messages.filter(({ seq }) => seq < firstSeq)
    if (purged.length !== firstSeq - 1)
      throw new Error(`${firstSeq - 1} messages of the log were purged, and ${purged.length} are known`)
    return { messages: [...purged, ...stored], purged: purged.length }
  }

  /** Resolves when something was purged. @param nudge writes something, so that there is a later moment to purge up to */
  async untilPurged(nudge: () => Promise<unknown>): Promise<void> {
    const untilMs = performance.now() + PURGE_TIMEOUT_MS
    while ((await this.#info()).state.first_seq <= 1) {
      if (performance.now() > untilMs) throw new Error(`nothing was purged within ${PURGE_TIMEOUT_MS} ms`)
      await nudge()
      await sleep(NUDGE_MS)
    }
  }

  stop(): Promise<void> {
    return this.#reader.stop()
  }

  async #info(): Promise<StreamInfo> {
    return (await jetstreamManager(this.#nc)).streams.info('LOG')
  }

  #hear(message: StoredMessage): void {
    // An older store is back: what came behind it is gone, and what it has is read again.
    if (message.seq <= this.#lastSeq)
      for (const seq of this.#messages.keys()) if (seq >= message.seq) this.#messages.delete(seq)
    this.#lastSeq = message.seq
    this.#messages.set(message.seq, message)
  }
}
