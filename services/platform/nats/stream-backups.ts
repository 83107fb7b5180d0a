import type { JetStreamManager } from '@nats-io/jetstream'
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { z } from 'zod'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { api } from '#subjects/jetstream-api.ts'
import { isNotFound } from './api-error.ts'

/** Small enough for every server's `max_payload`, large enough that acknowledging each costs nothing. Bytes. */
const CHUNK_BYTES = 128 * 1024
/** A server that is silent for so long has given up, or is gone. Milliseconds. */
const SILENCE_MS = 30_000
/** A large stream is checked and indexed by the server after its last chunk. Milliseconds. */
const INDEXING_MS = 600_000
/** Chunks that are on the way to a server at the same time: it writes them in order, and answers each. */
const CHUNKS_IN_FLIGHT = 8
/** The description of a stream; what is larger is none of ours. */
const ANSWER_BYTES = 1024 * 1024

/**
 * What a stream is and held at the moment of its snapshot, in the server's own words (`backup.json` of the NATS tools). Nothing beside
 * these two: the server takes no field that it does not know.
 */
export const streamBackupSchema = z.object({
  config: z.looseObject({ name: z.string(), num_replicas: z.int().min(1).optional() }),
  state: z.looseObject({
    messages: z.int().min(0),
    bytes: z.int().min(0),
    first_seq: z.int().min(0),
    last_seq: z.int().min(0),
  }),
})
export type StreamBackup = z.infer<typeof streamBackupSchema>

const answerSchema = z.looseObject({
  error: z.looseObject({ code: z.number(), description: z.string().optional() }).optional(),
})
const restoreSchema = z.looseObject({ deliver_subject: z.string() })

/** Streams copied out of a server and into one, by the server's own snapshots (`STREAM.SNAPSHOT`, `STREAM.RESTORE`). */
export class StreamBackups {
  readonly #nc: NatsConnection
  readonly #jsm: JetStreamManager
  readonly #inboxPrefix: string

  constructor(deps: { nc: NatsConnection; jsm: JetStreamManager; inboxPrefix: string }) {
    this.#nc = deps.nc
    this.#jsm = deps.jsm
    this.#inboxPrefix = deps.inboxPrefix
  }

  /** Messages in a stream; undefined when it is not there. */
  async messagesIn(stream: string): Promise<number | undefined> {
    try {
      return (await this.#jsm.streams.info(stream)).state.messages
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** Deletes a stream with all that it holds; one that is not there is fine. */
  async delete(stream: string): Promise<void> {
    await this.#jsm.streams.delete(stream).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  }

  /**
   * A stream as it is at one moment, without its consumers; work goes on meanwhile. The chunks together are an archive that only
   * servers read.
   * @param write takes a chunk; the server sends no more than a window ahead of it
   * @throws MurmurError UNAVAILABLE when the server refuses, ends in between, or is silent for 30 s; and what `write` throws
   */
  async snapshot(stream: string, write: (chunk: Uint8Array) => Promise<void>): Promise<StreamBackup> {
    const subject = createInbox(this.#inboxPrefix)
    const chunks = this.#nc.subscribe(subject)
    try {
      const request = { deliver_subject: subject, no_consumers: true, chunk_size: CHUNK_BYTES }
      const about = streamBackupSchema.parse(await this.#ask(api(`STREAM.SNAPSHOT.${stream}`), request))
      const iterator = chunks[Symbol.asyncIterator]()
      for (;;) {
        const chunk = await this.#next(stream, iterator)
        if (chunk.data.length === 0) {
          assertComplete(stream, chunk)
          return about
        }
        await write(chunk.data)
        chunk.respond()
      }
    } finally {
      chunks.unsubscribe()
    }
  }

  /**
   * Makes a stream from a snapshot, under the name that it had.
   * @returns what the stream holds now
   * @throws MurmurError UNAVAILABLE when the server refuses it (the stream is there, no room, too few servers for its replicas) or
   * is silent
   */
  async restore(backup: StreamBackup, chunks: AsyncIterable<Uint8Array>): Promise<{ messages: number }> {
    const { name } = backup.config
    const opened = restoreSchema.parse(await this.#ask(api(`STREAM.RESTORE.${name}`), backup))
    const inFlight: Promise<void>[] = []
    for await (const chunk of chunks) {
      // Written in the order of sending; a window of answers may be outstanding.
      if (inFlight.length >= CHUNKS_IN_FLIGHT) await inFlight.shift()
      const answered = this.#send(opened.deliver_subject, chunk)
      answered.catch(() => undefined)
      inFlight.push(answered)
    }
    await Promise.all(inFlight)
    const answer = await this.#ask(opened.deliver_subject, '', INDEXING_MS)
    return { messages: streamBackupSchema.parse(answer).state.messages }
  }

  async #send(subject: string, chunk: Uint8Array): Promise<void> {
    const answer = await this.#nc.request(subject, chunk, { timeout: SILENCE_MS })
    if (answer.data.length > 0) readAnswer(answer, subject)
  }

  async #next(stream: string, chunks: AsyncIterator<Msg>): Promise<Msg> {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      const text = `the server stopped sending the snapshot of ${stream} (silent for ${SILENCE_MS / 1000} s)`
      timer = setTimeout(() => reject(new MurmurError('UNAVAILABLE', text)), SILENCE_MS)
    })
    try {
      const { value, done } = await Promise.race([chunks.next(), silence])
      if (done) throw new MurmurError('UNAVAILABLE', `the connection ended within the snapshot of ${stream}`)
      return value
    } finally {
      clearTimeout(timer)
    }
  }

  async #ask(subject: string, body: unknown, timeout = SILENCE_MS): Promise<unknown> {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await this.#nc.request(subject, payload, { timeout }).catch((cause: unknown) => {
      throw new MurmurError('UNAVAILABLE', `no answer on ${subject}: ${messageOf(cause)}`, { cause })
    })
    return readAnswer(answer, subject)
  }
}

/** @throws MurmurError UNAVAILABLE with the server's own words */
function readAnswer(message: Msg, subject: string): unknown {
  const limits = { what: 'the answer of the server', numbers: 'nearest', maxBytes: ANSWER_BYTES } as const
  const body = parseBoundedJson(message.data, limits)
  const { error } = answerSchema.parse(body)
  if (error) throw new MurmurError('UNAVAILABLE', `${subject}: ${error.description ?? `error ${error.code}`}`)
  return body
}

/** The last chunk is empty, and says in a header whether that is the end or a fault. */
function assertComplete(stream: string, { headers }: Msg): void {
  if (!headers || headers.code === 0 || headers.code < 300) return
  const text = `the server gave up the snapshot of ${stream}: ${headers.code} ${headers.description}`
  throw new MurmurError('UNAVAILABLE', text)
}
