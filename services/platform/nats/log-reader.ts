import { DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream'
import { messageOf } from '#platform/errors/murmur-error.ts'

/** One message of the log. */
export interface LogMessage {
  subject: string
  data: Uint8Array
  seq: number
  storedAtMs: number
}

export interface LogReader {
  /** Ends it; no message is handed over after this. */
  stop(): Promise<void>
}

export interface LogReaderOptions {
  stream: string
  filterSubject: string
  /** First sequence number wanted. */
  fromSeq: number
  onMessage: (message: LogMessage) => void
  /** Told when reading was interrupted; it goes on by itself. */
  onTrouble?: (what: string) => void
}

const RESTART_DELAY_MS = 200

/**
 * Reads a part of a stream in order and without gaps, from a sequence number on, for ever. The client's ordered
 * consumer checks the sequence and starts over after what was last seen; when it gives up, a new one is made.
 */
export function readLog(js: JetStreamClient, options: LogReaderOptions): LogReader {
  let nextSeq = options.fromSeq
  let stopped = false
  let closeCurrent: (() => Promise<unknown>) | undefined

  const deliver = (message: JsMsg) => {
    if (stopped || message.seq < nextSeq) return
    nextSeq = message.seq + 1
    options.onMessage({
      subject: message.subject,
      data: message.data,
      seq: message.seq,
      storedAtMs: Math.floor(message.info.timestampNanos / 1e6),
    })
  }

  const readOnce = async () => {
    const consumer = await js.consumers.get(options.stream, {
      filter_subjects: [options.filterSubject],
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: nextSeq,
      inactive_threshold: 30_000,
    })
    const messages = await consumer.consume({
      max_messages: 2000,
      expires: 2000,
      idle_heartbeat: 500,
      callback: deliver,
    })
    closeCurrent = () => messages.close()
    if (stopped) await messages.close()
    await messages.closed()
  }

  const loop = (async () => {
    while (!stopped) {
      try {
        await readOnce()
      } catch (error) {
        if (!stopped) options.onTrouble?.(messageOf(error))
      }
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS))
    }
  })()

  return {
    async stop() {
      stopped = true
      await closeCurrent?.()
      await loop
    },
  }
}
