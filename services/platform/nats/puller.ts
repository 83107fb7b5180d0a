import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import type { CutOffWatch, LedPlace } from './cut-off-watch.ts'
import { Delivery } from './delivery.ts'
import type { WriteCoalescer } from './write-coalescer.ts'

/**
 * How a pull ended: everything came, time was up (or there was nothing to come), it was cancelled, or the server (or the way to
 * it) was lost.
 */
export type PullEnd = 'filled' | 'expired' | 'cancelled' | 'lost'

/** `expiresMs`: waits for messages so long. Without it: what is there now, and no waiting. */
export interface PullOptions {
  batch: number
  expiresMs?: number
}

interface OpenPull {
  key: string
  remaining: number
  end: (how: PullEnd) => void
}

/** Above the expiry before a pull without an answer counts as lost. Milliseconds. */
const WATCHDOG_SLACK_MS = 500
/** The same for what is there now: it comes at once. */
const REQUEST_TIMEOUT_MS = 2000
/** And behind a pull that was lost: the consumer may have had no leader then, and whoever asked it is not remembered. */
const AFTER_LOSS_TIMEOUT_MS = 600

/**
 * Pulls from one durable consumer with exact bounds: a pull for n messages brings n at most, so whoever has n free
 * hands never holds more. One pull is open at a time; asking costs one small message.
 */
export class Puller {
  readonly #nc: NatsConnection
  readonly #coalescer: WriteCoalescer
  readonly #requestSubject: string
  readonly #place: LedPlace
  readonly #inboxPrefix: string
  readonly #onMessage: (delivery: Delivery) => void
  readonly #watch: Pick<CutOffWatch, 'answered' | 'lost'> | undefined
  #inbox = ''
  #subscription: Subscription | undefined
  #open: OpenPull | undefined
  /** The last pull was. */
  #isLost = false
  #counter = 0

  constructor(
    nc: NatsConnection,
    coalescer: WriteCoalescer,
    from: {
      stream: string
      consumer: string
      inboxPrefix: string
      /** Told whether leaders answer. */
      watch?: Pick<CutOffWatch, 'answered' | 'lost'>
    },
    onMessage: (delivery: Delivery) => void,
  ) {
    this.#place = { stream: from.stream, consumer: from.consumer }
    this.#inboxPrefix = from.inboxPrefix
    this.#watch = from.watch
    this.#nc = nc
    this.#coalescer = coalescer
    this.#requestSubject = `$JS.API.CONSUMER.MSG.NEXT.${from.stream}.${from.consumer}`
    this.#onMessage = onMessage
    this.#listen()
  }

  /**
   * Asks for up to `batch` messages and resolves when no more of them will come; never rejects.
   * @throws Error when a pull is open already
   */
  pull({ batch, expiresMs }: PullOptions): Promise<PullEnd> {
    if (this.#open) throw new Error('a pull is open already')
    const key = (this.#counter++).toString(36)
    return new Promise((resolve) => {
      const atOnceMs = this.#isLost ? AFTER_LOSS_TIMEOUT_MS : REQUEST_TIMEOUT_MS
      const patienceMs = expiresMs === undefined ? atOnceMs : expiresMs + WATCHDOG_SLACK_MS
      const watchdog = setTimeout(() => open.end('lost'), patienceMs)
      const end = (how: PullEnd) => {
        if (this.#open !== open) return
        this.#open = undefined
        clearTimeout(watchdog)
        this.#isLost = how === 'lost'
        if (how === 'lost') this.#watch?.lost(this.#place)
        // That there is nothing to come is said for ten seconds by one that is cut off, too.
        else if (how === 'filled') this.#watch?.answered()
        resolve(how)
      }
      const open: OpenPull = { key, remaining: batch, end }
      this.#open = open
      if (this.#nc.isClosed() || this.#nc.isDraining()) {
        end('lost')
        return
      }
      const wait = expiresMs === undefined ? { no_wait: true } : { expires: expiresMs * 1e6 }
      const request = JSON.stringify({ batch, ...wait })
      this.#coalescer.send(this.#requestSubject, request, { reply: `${this.#inbox}.${key}` })
    })
  }

  /** To be called when the connection breaks: answers to an open pull can't come any more. */
  abandon(): void {
    this.#open?.end('lost')
  }

  /**
   * Gives an open pull up: the server forgets a request when nobody listens for its answers. What is on the way already still
   * comes, and then the pull ends as cancelled.
   */
  cancel(): void {
    const open = this.#open
    const subscription = this.#subscription
    if (!open || !subscription || this.#nc.isClosed()) return
    this.#listen()
    // Resolves when the server has confirmed it; when the connection breaks meanwhile, the pull is lost anyway.
    void subscription.drain().then(
      () => open.end('cancelled'),
      () => open.end('lost'),
    )
  }

  #listen(): void {
    const inbox = createInbox(this.#inboxPrefix)
    this.#inbox = inbox
    this.#subscription = this.#nc.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#receive(message, inbox)
      },
    })
  }

  #receive(message: Msg, inbox: string): void {
    // Messages of the stream keep their own subject; what comes on the inbox itself is the server talking about the pull.
    if (!message.subject.startsWith(inbox)) {
      this.#deliver(message)
      return
    }
    const key = message.subject.slice(inbox.length + 1)
    if (this.#open?.key === key) this.#open.end(endOf(message))
  }

  #deliver(message: Msg): void {
    const open = this.#open
    this.#onMessage(new Delivery(this.#coalescer, message))
    if (open && --open.remaining === 0) open.end('filled')
  }
}

/** 408: expired; 404: nothing there; 409 and 503: consumer or server gone, or too many pulls are waiting. */
function endOf(message: Msg): PullEnd {
  const code = message.headers?.code ?? 0
  return code === 408 || code === 404 ? 'expired' : 'lost'
}
