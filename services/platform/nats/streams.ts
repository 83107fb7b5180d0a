import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { api } from '#subjects/jetstream-api.ts'
import type { StreamSpec } from '#subjects/stream-spec.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { keyMissing } from '../secrets/payload-codec.ts'
import { isNotFound } from './api-error.ts'
import {
  findBreak,
  isThere,
  type LogBreak,
  type LogPlace,
  type StreamFacts,
  storedMessage,
  streamFacts,
} from './log-place.ts'
import type { LogMessage } from './log-session.ts'
import { platformAnswer } from './platform-answer.ts'
import type { RecordGuard } from './record-guard.ts'
import type { BusMessage } from './request-reply.ts'
import { clusterOf } from './server-address.ts'
import { type Provisioned, type ProvisionOptions, provisionStream, provisionStreams } from './topology.ts'

/** A message as a stream keeps it. */
export type StoredMessage = LogMessage & Pick<BusMessage, 'header'>

/** What a stream holds and may hold; limits of 0 or below are none. */
export interface StreamFill {
  bytes: number
  maxBytes: number
  messages: number
  maxMessages: number
  /** The last message that it got. */
  lastSeq: number
  /** Messages by subject, where those were asked for. */
  subjects: ReadonlyMap<string, number>
}

/** Streams: making them, and what can be asked of them without reading them. */
export class Streams {
  readonly #nc: NatsConnection
  readonly #jsm: JetStreamManager
  /** By stream; asked for again after every reconnect. */
  readonly #createdAt = new Map<string, Promise<string>>()
  /** Looks at records before they are believed. */
  guard: RecordGuard | undefined

  readonly #hasJetStream: boolean

  /** @param hasJetStream false: in an account without streams of its own, stored messages are asked for in that of the platform */
  constructor(nc: NatsConnection, jsm: JetStreamManager, hasJetStream = true) {
    this.#nc = nc
    this.#jsm = jsm
    this.#hasJetStream = hasJetStream
  }

  /**
   * Makes all streams of the project, or brings existing ones to what is asked.
   * @returns the number of partitions, which is that of the LOG when it exists already
   * @throws MurmurError STREAM_MISMATCH, UNAVAILABLE (not enough storage, or servers)
   */
  provision(options: ProvisionOptions): Promise<Provisioned> {
    return provisionStreams(this.#jsm, options, this.isCluster)
  }

  /** Makes one stream with a size of its own, or brings it to what is asked. @throws MurmurError STREAM_MISMATCH, UNAVAILABLE (not enough storage) */
  provide(spec: StreamSpec): Promise<void> {
    return provisionStream(this.#jsm, spec)
  }

  /** Whether the server is one of several. */
  get isCluster(): boolean {
    return clusterOf(this.#nc.info) !== undefined
  }

  /** To be called after a reconnect: other streams may be there now, under the same names. */
  forget(): void {
    this.#createdAt.clear()
  }

  /** Those of the streams that are not there. They are asked for anew: when they were made is forgotten with them. */
  async missing(names: readonly string[]): Promise<string[]> {
    const there = await Promise.all(names.map((name) => isThere(this.#jsm, name)))
    const missing = names.filter((_, i) => !there[i])
    for (const name of missing) this.#createdAt.delete(name)
    return missing
  }

  /** Sequence number of the last message of a partition of the log; 0 when there is none. */
  lastLogSeq(stream: string, partition: number): Promise<number> {
    return this.lastSeq(stream, SUBJECTS.logOfPartition(partition))
  }

  /** Sequence number of the last message on a subject, which may hold wildcards; 0 when there is none. */
  async lastSeq(stream: string, subject: string): Promise<number> {
    return (await this.#found(stream, { last_by_subj: subject }))?.seq ?? 0
  }

  /** The last message on a subject, which may hold wildcards; undefined when there is none. */
  async lastMessage(stream: string, subject: string): Promise<StoredMessage | undefined> {
    return await this.#stored(stream, { last_by_subj: subject })
  }

  /** One stored message, or undefined when it is gone. */
  async messageAt(stream: string, seq: number): Promise<StoredMessage | undefined> {
    return await this.#stored(stream, { seq })
  }

  /** The first stored message from a sequence number on, on a subject that may hold wildcards; undefined when there is none. */
  async nextMessage(stream: string, subject: string, fromSeq: number): Promise<StoredMessage | undefined> {
    return await this.#stored(stream, { seq: fromSeq, next_by_subj: subject })
  }

  /** @throws MurmurError PAYLOAD_KEY_MISSING; Error when it can't be said */
  async #stored(
    stream: string,
    query: Parameters<typeof storedMessage>[2],
  ): Promise<StoredMessage | undefined> {
    const message = await this.#found(stream, query)
    const opened = message && this.guard ? this.guard.opened(message) : message
    if (opened?.unopened !== undefined) throw keyMissing(opened.unopened)
    return opened
  }

  async #found(
    stream: string,
    query: Parameters<typeof storedMessage>[2],
  ): Promise<StoredMessage | undefined> {
    if (!this.#hasJetStream) return await this.#storedByPlatform(stream, query)
    const message = await storedMessage(this.#jsm, stream, query)
    return message && viewOf(message)
  }

  async #storedByPlatform(
    stream: string,
    query: Parameters<typeof storedMessage>[2],
  ): Promise<StoredMessage | undefined> {
    try {
      const subject = api(`STREAM.MSG.GET.${stream}`)
      const { message } = await platformAnswer<{ message: RawMessage }>(
        this.#nc,
        subject,
        JSON.stringify(query),
      )
      return fromRaw(message)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** Removes one stored message, if it is the one that is meant; one that is gone already is fine. */
  async deleteMessage(stream: string, seq: number, isMeant = (_: Uint8Array) => true): Promise<void> {
    const message = await this.messageAt(stream, seq)
    if (message && isMeant(message.data)) await this.#jsm.streams.deleteMessage(stream, seq, false)
  }

  /** When the broker stored a message; undefined when there is none. Unix milliseconds. */
  async storedAt(stream: string, seq: number): Promise<number | undefined> {
    return (await storedMessage(this.#jsm, stream, { seq }))?.time.getTime()
  }

  /**
   * The first stored message from a sequence number on: its number, and when it was stored (Unix ms); undefined when there is none.
   * @param subject only on this one, which may hold wildcards
   */
  async placeFrom(
    stream: string,
    seq: number,
    subject = '>',
  ): Promise<{ seq: number; storedAtMs: number } | undefined> {
    const message = await storedMessage(this.#jsm, stream, { seq, next_by_subj: subject })
    return message && { seq: message.seq, storedAtMs: message.time.getTime() }
  }

  /** Takes all messages up to a sequence number away, for ever. @returns how many */
  async purgeUpTo(stream: string, seq: number): Promise<number> {
    return (await this.#jsm.streams.purge(stream, { seq: seq + 1 })).purged
  }

  /** Takes all messages on a subject away, which may hold wildcards; up to a sequence number, where one is given. @returns how many */
  async purgeSubject(stream: string, subject: string, upTo?: number): Promise<number> {
    const bound = upTo === undefined ? {} : { seq: upTo + 1 }
    return (await this.#jsm.streams.purge(stream, { filter: subject, ...bound })).purged
  }

  /** When the stream was made; with a sequence number it names a message for ever. */
  createdAt(stream: string): Promise<string> {
    const known = this.#createdAt.get(stream)
    if (known) return known
    const asked = streamFacts(this.#jsm, stream).then(({ created }) => created)
    this.#createdAt.set(stream, asked)
    asked.catch(() => this.#createdAt.delete(stream))
    return asked
  }

  /** How full a stream is. @param subjectsOf also how many messages each of these subjects has; it may hold wildcards */
  async fill(stream: string, subjectsOf?: string): Promise<StreamFill> {
    const query = subjectsOf === undefined ? undefined : { subjects_filter: subjectsOf }
    const { config, state } = await this.#jsm.streams.info(stream, query)
    return {
      bytes: state.bytes,
      maxBytes: config.max_bytes,
      messages: state.messages,
      maxMessages: config.max_msgs,
      lastSeq: state.last_seq,
      subjects: new Map(Object.entries(state.subjects ?? {})),
    }
  }

  /** The broker's time as it says it with what it knows of a stream; undefined from servers before 2.10. Unix milliseconds. */
  async brokerTime(stream: string): Promise<number | undefined> {
    return (await streamFacts(this.#jsm, stream)).nowMs
  }

  /** When a stream was made, where it begins and ends, and the broker's time. @throws Error when there is none */
  facts(stream: string): Promise<StreamFacts> {
    return streamFacts(this.#jsm, stream)
  }

  /** Whether a log still is the one that was read up to `place`. @throws Error when nobody can say */
  findBreak(stream: string, place: LogPlace): Promise<LogBreak | undefined> {
    return findBreak(this.#jsm, stream, place)
  }
}

function viewOf({ subject, data, seq, time, header }: StoredMsg): StoredMessage {
  return { subject, data, seq, storedAtMs: time.getTime(), header: (name) => header.get(name) || undefined }
}

/** A stored message as the server writes it. */
interface RawMessage {
  subject: string
  seq: number
  /** Base64. */
  data?: string
  hdrs?: string
  /** RFC 3339. */
  time: string
}

function fromRaw({ subject, seq, data = '', hdrs = '', time }: RawMessage): StoredMessage {
  const lines = Buffer.from(hdrs, 'base64').toString().split('\r\n').slice(1)
  const headers = new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf(':')
      return at < 1 ? [] : [[line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]]
    }),
  )
  return {
    subject,
    seq,
    data: Buffer.from(data, 'base64'),
    storedAtMs: Date.parse(time),
    header: (name) => headers.get(name.toLowerCase()) || undefined,
  }
}
