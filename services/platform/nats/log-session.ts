import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream'
import { createInbox, type Msg, type NatsConnection, nuid, type Subscription } from '@nats-io/transport-node'
import { parseAckSubject } from '#subjects/jetstream-api.ts'
import { deferred } from '../clock/promises.ts'
import { askLeader } from './ask-leader.ts'
import type { CutOffWatch } from './cut-off-watch.ts'

/** One message of a log. */
export interface LogMessage {
  subject: string
  data: Uint8Array
  seq: number
  /** When the broker stored it. Unix milliseconds. */
  storedAtMs: number
  /** Why it counts as nothing: the platform has not written it, or not for this place. `data` is empty then. */
  refused?: string
  /** Why its payload can't be opened here now: the key is missing. `data` is as it is stored. */
  unopened?: string
  /** What is stored, where `data` is what was in it. */
  stored?: Uint8Array
}

export interface LogSessionDeps {
  nc: NatsConnection
  jsm: JetStreamManager
  inboxPrefix: string
  /** Told when no leader answers. That a consumer lives says nothing: its only copy may be on the server that is cut off. */
  watch?: Pick<CutOffWatch, 'lost'> | undefined
}

export interface LogSessionOptions {
  stream: string
  filterSubject: string
  fromSeq: number
  /** Of each subject the last message only, of those that there are when it begins; `fromSeq` counts for nothing then. */
  lastOnly?: boolean
  /** How many more messages may come now. */
  room: () => number
  onMessage: (message: LogMessage) => void
}

/** Messages asked for and not here yet, at most. */
const WINDOW = 2000
/** Bytes of one pull. Never less than two of the largest messages: one that does not fit would end every pull. */
const PULL_BYTES = 4 * 1024 * 1024
const EXPIRES_MS = 30_000
const HEARTBEAT_MS = 1000
/** Polls without a sign of life in between. Counted in polls: a process that was busy itself has heard nothing either. */
const SILENT_POLLS = 4
const INACTIVE_MS = 30_000

/**
 * Reads with one consumer of its own, until something is not as it has to be: a message of its count is missing, the
 * connection has gone, nothing is heard. Then it is over, and a new one has to be made; it never mends itself.
 */
export class LogSession {
  readonly ended: Promise<string>
  readonly #deps: LogSessionDeps
  readonly #options: LogSessionOptions
  readonly #inbox: string
  readonly #end: (why: string) => void
  #name = ''
  #subscription: Subscription | undefined
  #watch: NodeJS.Timeout | undefined
  #over = false
  /** Messages asked for and not delivered yet. */
  #asked = 0
  #consumerSeq = 0
  #heard = false
  #silentPolls = 0
  #unread = 0

  constructor(deps: LogSessionDeps, options: LogSessionOptions) {
    this.#deps = deps
    this.#options = options
    this.#inbox = createInbox(deps.inboxPrefix)
    const { promise, resolve } = deferred<string>()
    this.ended = promise
    this.#end = resolve
  }

  /** Messages that lie in the stream and have not come yet, as the server said last. */
  get unread(): number {
    return this.#unread
  }

  /** Its consumer is there and has been asked for messages, and nothing has ended it. */
  get isReading(): boolean {
    return this.#subscription !== undefined && !this.#over
  }

  /** @throws Error when the consumer can't be made */
  async start(): Promise<void> {
    const { jsm, nc } = this.#deps
    // Named here, so that asking twice makes one.
    const wanted = {
      name: nuid.next(),
      ack_policy: AckPolicy.None,
      ...(this.#options.lastOnly
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#options.fromSeq }),
      filter_subject: this.#options.filterSubject,
      inactive_threshold: INACTIVE_MS * 1e6,
      mem_storage: true,
      num_replicas: 1,
      max_waiting: 16,
    }
    const isOver = () => this.#over
    const info = await askLeader(() => jsm.consumers.add(this.#options.stream, wanted), { isOver })
    this.#name = info.name
    this.#unread = info.num_pending
    if (this.#over) {
      this.#tidy()
      return
    }
    this.#subscription = nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.end(error.message)
        else this.#receive(message)
      },
    })
    this.#watch = setInterval(() => this.#poll(), HEARTBEAT_MS)
    this.more()
  }

  /** There is room again. */
  more(): void {
    if (this.#over || !this.#subscription) return
    const wanted = Math.min(WINDOW, this.#options.room())
    if (wanted <= 0 || this.#asked > wanted / 2) return
    const batch = wanted - this.#asked
    const { nc } = this.#deps
    this.#asked = wanted
    const pull = {
      batch,
      expires: EXPIRES_MS * 1e6,
      idle_heartbeat: HEARTBEAT_MS * 1e6,
      max_bytes: Math.max(PULL_BYTES, 2 * (nc.info?.max_payload ?? 0)),
    }
    nc.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#options.stream}.${this.#name}`,
      Buffer.from(JSON.stringify(pull)),
      {
        reply: this.#inbox,
      },
    )
  }

  /** Nothing is handed over after this. */
  end(why: string): void {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#watch)
    this.#subscription?.unsubscribe()
    this.#tidy()
    this.#end(why)
  }

  /** The server would do it after a while: nobody waits for it. */
  #tidy(): void {
    const { nc, jsm } = this.#deps
    if (this.#name === '' || nc.isClosed()) return
    jsm.consumers.delete(this.#options.stream, this.#name).catch(() => undefined)
  }

  #receive(message: Msg): void {
    if (this.#over) return
    this.#heard = true
    if (message.subject === this.#inbox) {
      this.#onStatus(message)
      return
    }
    const position = parseAckSubject(message.reply ?? '')
    if (position?.consumerSeq !== this.#consumerSeq + 1) {
      this.end(`message ${position?.consumerSeq} of the consumer came after ${this.#consumerSeq}`)
      return
    }
    this.#consumerSeq = position.consumerSeq
    this.#unread = position.pending
    if (this.#asked > 0) this.#asked--
    const { subject, data } = message
    this.#options.onMessage({ subject, data, seq: position.seq, storedAtMs: position.storedAtMs })
    this.more()
  }

  /** 100: a sign of life. 408, and 409 for a pull that has its bytes: asked for again. All else: over. */
  #onStatus(message: Msg): void {
    const code = message.headers?.code ?? 503
    const text = message.headers?.description ?? ''
    if (code === 100) {
      // What the server has sent before its sign of life has come before it, or never will.
      const last = Number(message.headers?.get('Nats-Last-Consumer') || 0)
      if (last > this.#consumerSeq)
        this.end(`message ${last} of the consumer was sent, ${this.#consumerSeq} came`)
      return
    }
    const isOver = code !== 408 && code !== 404 && !(code === 409 && /maxbytes|batch completed/i.test(text))
    if (isOver) {
      this.end(`${code} ${text}`)
      return
    }
    const left = Number(message.headers?.get('Nats-Pending-Messages') || Number.POSITIVE_INFINITY)
    this.#asked = Math.max(0, this.#asked - left)
    this.more()
  }

  #poll(): void {
    if (this.#heard || this.#asked === 0) this.#silentPolls = 0
    else if (++this.#silentPolls >= SILENT_POLLS) this.end('nothing was heard of the consumer')
    this.#heard = false
    this.more()
  }
}
