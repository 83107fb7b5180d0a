import type { Clock } from '#platform/clock/clock.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { storeHeartbeatSchema } from '#schemas/recording.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

const HEARTBEAT_MS = 2000
/** A node that was not heard for so long is asked no more. */
const AWAY_MS = 7000
const ASK_TIMEOUT_MS = 4000

/** What is asked of a node that has recordings; each names its handler. */
export const PEER_VERBS = ['list', 'timeline', 'clips', 'read', 'detections'] as const
export type PeerVerb = (typeof PEER_VERBS)[number]

/** The other nodes that have recordings: they say so all the time, and answer for what they have. */
export class RecordingPeers {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #heardMs = new Map<string, number>()
  readonly #ends: (() => void)[] = []
  readonly #store: () => string

  constructor(bus: Bus, clock: Clock, store: () => string) {
    this.#bus = bus
    this.#clock = clock
    this.#store = store
  }

  start(): void {
    this.#ends.push(
      this.#bus.subscribe(SUBJECTS.recordingStoresAll, ({ data }) => {
        const heartbeat = readMessage(data, storeHeartbeatSchema)
        if (!heartbeat) return
        const isNew = heartbeat.store !== this.#store() && !this.#heardMs.has(heartbeat.store)
        this.#heardMs.set(heartbeat.store, this.#clock.monotonicMs())
        // It may have begun just now: until it has heard of this one it answers without what is here.
        if (isNew) this.#tell()
      }),
    )
    const timer = setInterval(() => this.#tell(), HEARTBEAT_MS)
    this.#tell()
    this.#ends.push(() => clearInterval(timer))
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  #tell(): void {
    const store = this.#store()
    if (store !== '') this.#bus.publishCore(SUBJECTS.recordingStore(store), JSON.stringify({ store }))
  }

  /** The others that are there. */
  get stores(): string[] {
    const nowMs = this.#clock.monotonicMs()
    for (const [store, heardMs] of this.#heardMs) if (nowMs - heardMs > AWAY_MS) this.#heardMs.delete(store)
    const own = this.#store()
    return [...this.#heardMs.keys()].filter((store) => store !== own).toSorted()
  }

  ask(store: string, verb: PeerVerb, body: unknown): Promise<unknown> {
    return this.#bus.request(SUBJECTS.recordingAsk(store, verb), body, { timeoutMs: ASK_TIMEOUT_MS })
  }

  askBytes(store: string, verb: PeerVerb, body: unknown): Promise<Uint8Array> {
    return this.#bus.requestBytes(SUBJECTS.recordingAsk(store, verb), body, { timeoutMs: ASK_TIMEOUT_MS })
  }

  /** Asks all the others; those that do not answer are named. */
  async askAll(verb: PeerVerb, body: unknown): Promise<{ answers: unknown[]; missing: string[] }> {
    const missing: string[] = []
    const all = await Promise.all(
      this.stores.map(async (store) => {
        try {
          return [await this.ask(store, verb, body)]
        } catch {
          missing.push(store)
          return []
        }
      }),
    )
    return { answers: all.flat(), missing: missing.toSorted() }
  }
}
