import type { JetStreamManager } from '@nats-io/jetstream'
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { FRAMES_CONSUMER } from '#subjects/streams.ts'
import { provisionFrames } from './topology.ts'

/** The stream of frames, which all detectors share. */
export class Frames {
  readonly #connection: { nc: NatsConnection; jsm: JetStreamManager; inboxPrefix: string }

  constructor(connection: { nc: NatsConnection; jsm: JetStreamManager; inboxPrefix: string }) {
    this.#connection = connection
  }

  /** Makes the stream and its consumer: for an orchestrator, which does it for those who may not. */
  provision(): Promise<void> {
    return provisionFrames(this.#connection.jsm)
  }

  /** Takes frames as they come, the newest few. */
  createFeed(): FrameFeed {
    return new FrameFeed(this.#connection.nc, this.#connection.inboxPrefix)
  }
}

/** What one look brought: the messages, oldest first, and whether the stream or its consumer is gone. */
export interface FrameBatch {
  frames: Uint8Array[]
  lost: boolean
}

interface OpenPull {
  key: string
  frames: Uint8Array[]
  most: number
  end: (lost: boolean) => void
}

const REQUEST_SUBJECT = `$JS.API.CONSUMER.MSG.NEXT.${FRAMES_CONSUMER.stream}.${FRAMES_CONSUMER.name}`
/** Above the expiry before a look without an answer counts as lost. Milliseconds. */
const SLACK_MS = 1000
const MAX_LATE = 64

/**
 * Takes frames from the stream that all detectors share. Whoever is free asks: first for all that is there, and when that
 * is nothing, for the next one. Nothing is fetched ahead, so no frame grows old in the hands of one detector while another
 * is idle. One look at a time.
 */
export class FrameFeed {
  readonly #nc: NatsConnection
  readonly #inbox: string
  #open: OpenPull | undefined
  /** Came after their look had been given up, as on a machine that is very busy: they are as good as any. */
  #late: Uint8Array[] = []
  #counter = 0

  constructor(nc: NatsConnection, inboxPrefix: string) {
    this.#inbox = createInbox(inboxPrefix)
    this.#nc = nc
    nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#receive(message)
      },
    })
  }

  /**
   * All frames that wait, up to `most`; when none does, the next one that comes within `waitMs` (0: none). Never rejects.
   */
  async next(options: { most: number; waitMs: number }): Promise<FrameBatch> {
    const late = this.#late.splice(0)
    if (late.length > 0) return { frames: late, lost: false }
    const waiting = await this.#pull({ batch: options.most, no_wait: true }, SLACK_MS)
    if (waiting.lost || waiting.frames.length > 0 || options.waitMs === 0) return waiting
    return this.#pull({ batch: 1, expires: options.waitMs * 1e6 }, options.waitMs + SLACK_MS)
  }

  #pull(request: { batch: number; no_wait?: true; expires?: number }, limitMs: number): Promise<FrameBatch> {
    if (this.#open) throw new Error('a look is open already')
    if (this.#nc.isClosed()) return Promise.resolve({ frames: [], lost: true })
    const key = (this.#counter++).toString(36)
    return new Promise((resolve) => {
      const watchdog = setTimeout(() => open.end(true), limitMs)
      const open: OpenPull = {
        key,
        frames: [],
        most: request.batch,
        end: (lost) => {
          clearTimeout(watchdog)
          if (this.#open === open) this.#open = undefined
          resolve({ frames: open.frames, lost })
        },
      }
      this.#open = open
      this.#nc.publish(REQUEST_SUBJECT, JSON.stringify(request), { reply: `${this.#inbox}.${key}` })
    })
  }

  #receive(message: Msg): void {
    const open = this.#open
    if (!open) {
      if (!message.subject.startsWith(this.#inbox) && this.#late.length < MAX_LATE)
        this.#late.push(message.data)
      return
    }
    if (!message.subject.startsWith(this.#inbox)) {
      open.frames.push(message.data)
      if (open.frames.length === open.most) open.end(false)
      return
    }
    // 404: nothing (more) there; 408: time is up; 409 and 503: the consumer is gone.
    const code = message.headers?.code ?? 0
    if (message.subject.endsWith(`.${open.key}`)) open.end(code !== 404 && code !== 408)
  }
}
