import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { STREAMS } from '#subjects/streams.ts'
import { type ApiError, isFull, mayPass } from './api-error.ts'
import type { CutOffWatch, LedPlace } from './cut-off-watch.ts'
import type { PayloadOf, RecordGuard } from './record-guard.ts'
import type { WriteCoalescer } from './write-coalescer.ts'

export interface PublishOptions {
  /** The server stores one message per id within its deduplication window, however often we send it. */
  msgId: string
  headers?: Record<string, string> | undefined
  /** Give up after so long. Without it: never, the message is sent until it is stored or the publisher is closed. */
  giveUpAfterMs?: number
  /** Stored only if the last message of its subject has this number; 0: if there is none. @throws WrongLastSequence */
  expectedLastSeq?: number
  /** Give up as soon as there is no room: for whoever knows better than to send it again and again. */
  refuseWhenFull?: boolean
  /** It holds what a tenant has given: that is stored encrypted, where this system has keys for it. */
  payload?: PayloadOf
}

/** The stream will never take this message as it is: it is too large for it, or the stream is sealed. */
export class StreamRefusal extends MurmurError {}

/**
 * Somebody has written on the subject since the message that was expected to be its last. It may have been this publisher: where an
 * acknowledgement was lost, the message is sent again, and servers look at what is expected before they look at its id.
 */
export class WrongLastSequence extends StreamRefusal {}

export interface PublishAck {
  /** Sequence number in the stream; for a duplicate that of the first. */
  seq: number
  duplicate: boolean
}

interface Pending {
  subject: string
  data: string | Uint8Array
  headers: MsgHdrs
  sentAtMs: number
  /** Sent again at the next sweep after this. */
  resendAtMs: number
  giveUpAtMs: number
  /** The last answer was that the stream is full. */
  full: boolean
  /** Nothing was answered since it was sent last. */
  isSilent: boolean
  refusals: number
  refuseWhenFull: boolean
  /** What its stream is known by while it has no leader: see `LeaderlessStreams`. */
  root: string
  resolve: (ack: PublishAck) => void
  reject: (error: unknown) => void
}

const ACK_TIMEOUT_MS = 2000
const SWEEP_MS = 100
/** After a refusal that may pass; twice as long after each further one, up to the time without any answer. */
const REFUSED_RETRY_MS = 250
/** Of one message of a stream without a leader, until it has one: then all the others are sent at once. */
const PROBE_MS = 100
const SILENT_PROBE_MS = 500
/**
 * Messages under way at which whoever would give up anyway is refused at once: with 1 KiB each some 50 MiB, ten times what an
 * orchestrator under full load has out. Whoever never gives up is not refused: batches and slots bound what those send.
 */
const MAX_IN_FLIGHT = 50_000
const FULL_RETRY_MS = 1000
const WRONG_LAST_SEQUENCE = 10071
const decoder = new TextDecoder()

/**
 * Publishes to streams without waiting for one message before sending the next: one inbox subscription for all
 * acknowledgements, matched by a counter in the reply subject (some 100,000 messages a second, where awaited
 * publishing gives 5,000). A message is sent again, under the same id, until it is known to be stored: after a
 * time-out, after a reconnect (dialling empties the client's buffer), after a refusal that may pass.
 */
export class Publisher {
  readonly #coalescer: WriteCoalescer
  readonly #inbox: string
  readonly #pending = new Map<string, Pending>()
  readonly #sweeper: NodeJS.Timeout
  readonly #onRetry: () => void
  readonly #onStored: ((tookMs: number) => void) | undefined
  readonly #maxInFlight: number
  readonly #leaderless = new LeaderlessStreams()
  readonly #watch: Pick<CutOffWatch, 'answered' | 'lost'> | undefined
  #counter = 0
  #closed = false
  /** Seals records before they are sent. */
  guard: RecordGuard | undefined

  constructor(
    nc: NatsConnection,
    coalescer: WriteCoalescer,
    options: {
      inboxPrefix: string
      onRetry?: (() => void) | undefined
      onStored?: ((tookMs: number) => void) | undefined
      maxInFlight?: number
      /** Told whether leaders answer. */
      watch?: Pick<CutOffWatch, 'answered' | 'lost'>
    },
  ) {
    this.#inbox = createInbox(options.inboxPrefix)
    this.#coalescer = coalescer
    this.#onRetry = options.onRetry ?? (() => {})
    this.#onStored = options.onStored
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT
    this.#watch = options.watch
    nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#onAck(message)
      },
    })
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  /** Messages sent and not acknowledged yet. */
  get inFlight(): number {
    return this.#pending.size
  }

  /**
   * Resolves when the stream has stored the message.
   * @throws MurmurError UNAVAILABLE after giveUpAfterMs or when closed; OVERLOADED when the stream stayed full until then, at
   * once with refuseWhenFull, and when too many messages are under way; PAYLOAD_TOO_LARGE above what the server takes;
   * StreamRefusal when the stream will never take it; PAYLOAD_KEY_MISSING
   */
  publish(subject: string, data: string | Uint8Array, options: PublishOptions): Promise<PublishAck> {
    if (this.#closed) return Promise.reject(closedError())
    if (options.giveUpAfterMs !== undefined && this.#pending.size >= this.#maxInFlight)
      return Promise.reject(
        overloaded(`${subject}: ${this.#pending.size} messages are under way, no more are taken`),
      )
    return new Promise((resolve, reject) => {
      const nowMs = systemClock.monotonicMs()
      const pending: Pending = {
        subject,
        data: this.guard ? this.guard.sealed(subject, data, options.payload) : data,
        headers: rawHeaders(options.msgId, headersOf(options)),
        sentAtMs: nowMs,
        resendAtMs: nowMs + ACK_TIMEOUT_MS,
        giveUpAtMs:
          options.giveUpAfterMs === undefined ? Number.POSITIVE_INFINITY : nowMs + options.giveUpAfterMs,
        full: false,
        isSilent: true,
        refusals: 0,
        refuseWhenFull: options.refuseWhenFull === true,
        root: rootOf(subject),
        resolve,
        reject,
      }
      const key = (this.#counter++).toString(36)
      this.#send(key, pending)
      this.#pending.set(key, pending)
    })
  }

  /** To be called after each reconnect: everything that is not acknowledged is sent again at once. */
  resendAll(): void {
    const nowMs = systemClock.monotonicMs()
    for (const pending of this.#pending.values()) pending.resendAtMs = nowMs
    this.#sweep()
  }

  /** Refuses what is still out and everything to come. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweeper)
    for (const pending of this.#pending.values()) pending.reject(closedError())
    this.#pending.clear()
  }

  #send(key: string, pending: Pending): void {
    pending.isSilent = true
    this.#coalescer.send(pending.subject, pending.data, {
      headers: pending.headers,
      reply: `${this.#inbox}.${key}`,
    })
  }

  #onAck(message: Msg): void {
    const key = message.subject.slice(this.#inbox.length + 1)
    const pending = this.#pending.get(key)
    if (!pending) return
    pending.isSilent = false
    if (message.data.length === 0) {
      this.#watch?.lost(PLACE_OF_ROOT.get(pending.root))
      this.#refused(pending)
      return
    }
    const ack = parseAck(message.data)
    if (ack.error) {
      const { error } = ack
      const text = `${pending.subject}: ${error.description} (${error.err_code})`
      if (pending.refuseWhenFull && isFull(error)) {
        this.#forget(key, pending)
        pending.reject(overloaded(text))
      } else if (mayPass(error)) {
        this.#refused(pending, error)
      } else {
        this.#forget(key, pending)
        const Refusal = error.err_code === WRONG_LAST_SEQUENCE ? WrongLastSequence : StreamRefusal
        pending.reject(new Refusal('UNAVAILABLE', `the stream refused a message on ${text}`))
      }
      return
    }
    this.#forget(key, pending)
    this.#watch?.answered()
    const nowMs = systemClock.monotonicMs()
    for (const waiting of this.#leaderless.ledAgain(pending.root)) waiting.resendAtMs = nowMs
    this.#onStored?.(systemClock.monotonicMs() - pending.sentAtMs)
    pending.resolve({ seq: ack.seq ?? 0, duplicate: ack.duplicate === true })
  }

  /** No stream there just now, or it is full: later again. */
  #refused(pending: Pending, error?: ApiError): void {
    pending.full = error !== undefined && isFull(error)
    const isProbe = !pending.full && this.#leaderless.add(pending)
    const afterMs = isProbe ? PROBE_MS : Math.min(ACK_TIMEOUT_MS, REFUSED_RETRY_MS * 2 ** pending.refusals++)
    pending.resendAtMs = systemClock.monotonicMs() + afterMs
  }

  #forget(key: string, pending: Pending): void {
    this.#pending.delete(key)
    this.#leaderless.remove(pending)
  }

  #sweep(): void {
    const nowMs = systemClock.monotonicMs()
    for (const [key, pending] of this.#pending) {
      if (pending.giveUpAtMs <= nowMs) {
        this.#forget(key, pending)
        const waitedMs = Math.round(nowMs - pending.sentAtMs)
        const text = `${pending.subject}: not stored within ${waitedMs} ms`
        pending.reject(
          pending.full ? overloaded(`${text}, the stream is full`) : new MurmurError('UNAVAILABLE', text),
        )
      } else if (pending.resendAtMs <= nowMs) {
        // Without a word for so long: maybe nobody leads.
        pending.resendAtMs = nowMs + (this.#leaderless.add(pending) ? SILENT_PROBE_MS : ACK_TIMEOUT_MS)
        if (pending.isSilent) this.#watch?.lost(PLACE_OF_ROOT.get(pending.root))
        this.#onRetry()
        this.#send(key, pending)
      }
    }
  }
}

/**
 * Messages that nobody was there to store. Streams are told apart by the first token of their subjects. One message of each is the
 * probe, which is sent again and again; when anything is stored there, the others need not wait for their turn.
 */
class LeaderlessStreams {
  readonly #waiting = new Map<string, Set<Pending>>()

  /** @returns whether this message is the probe */
  add(pending: Pending): boolean {
    const waiting = this.#waiting.get(pending.root) ?? new Set()
    this.#waiting.set(pending.root, waiting.add(pending))
    const [probe] = waiting
    return probe === pending
  }

  remove(pending: Pending): void {
    const waiting = this.#waiting.get(pending.root)
    if (waiting?.delete(pending) && waiting.size === 0) this.#waiting.delete(pending.root)
  }

  /** @returns those that waited */
  ledAgain(root: string): Iterable<Pending> {
    const waiting = this.#waiting.get(root) ?? []
    this.#waiting.delete(root)
    return waiting
  }
}

/** What is published here lies in these streams; an object's connection is another one. */
const PLACE_OF_ROOT: ReadonlyMap<string, LedPlace> = new Map(
  Object.values(STREAMS).flatMap(({ name, subjects }) =>
    subjects.map((subject) => [rootOf(subject), { stream: name }] as const),
  ),
)

function rootOf(subject: string): string {
  const end = subject.indexOf('.')
  return end < 0 ? subject : subject.slice(0, end)
}

interface Ack {
  seq?: number
  duplicate?: boolean
  error?: ApiError
}

/** `{"stream":"LOG", "seq":17}`, as almost all of them are: reading the number is much cheaper than reading JSON. */
const PLAIN_ACK = /^\{"stream":"[^"]+", ?"seq":(\d+)\}$/

function parseAck(data: Uint8Array): Ack {
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1')
  const seq = PLAIN_ACK.exec(text)?.[1]
  if (seq !== undefined) return { seq: Number(seq) }
  try {
    return JSON.parse(decoder.decode(data)) as Ack
  } catch {
    return { error: { code: 503, description: 'an answer that is no JSON' } }
  }
}

function headersOf({ headers, expectedLastSeq }: PublishOptions): Record<string, string> | undefined {
  if (expectedLastSeq === undefined) return headers
  return { ...headers, 'Nats-Expected-Last-Subject-Sequence': String(expectedLastSeq) }
}

function overloaded(text: string): MurmurError {
  return new MurmurError('OVERLOADED', text, { retryAfterMs: FULL_RETRY_MS })
}

function closedError(): MurmurError {
  return new MurmurError('UNAVAILABLE', 'the connection to NATS is closed')
}

/**
 * Message headers that are written once and sent: the client's own class keeps a map, checks and joins it at every
 * message, which at thousands of messages a second is a tenth of sending. Only what the client calls when it publishes
 * is there.
 *
 * @throws TypeError for a line break in a value: it would end the header and begin another
 */
export function rawHeaders(messageId: string, others: Readonly<Record<string, string>> = {}): MsgHdrs {
  let text = `NATS/1.0\r\nNats-Msg-Id: ${safe(messageId)}\r\n`
  for (const name in others) text += `${name}: ${safe(others[name]!)}\r\n`
  const encoded = Buffer.from(`${text}\r\n`)
  return { encode: () => encoded } as unknown as MsgHdrs
}

function safe(value: string): string {
  if (value.includes('\r') || value.includes('\n')) throw new TypeError('a header value must be one line')
  return value
}
