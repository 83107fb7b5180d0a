import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { SUBJECTS } from '#subjects/subjects.ts'
import { brokerTimeOf } from './broker-time.ts'
import { type ConsumerDepth, consumerDepth } from './consumer-depth.ts'
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
import type { BusMessage } from './service-message.ts'
import { type StreamFill, streamFill } from './stream-fill.ts'

/** A message as a stream keeps it. */
export type StoredMessage = LogMessage & Pick<BusMessage, 'header'>

/** What can be asked of streams without reading them: where they end, single messages, how far consumers are. */
export class StreamQuestions {
  readonly #jsm: JetStreamManager
  /** By stream; asked for again after every reconnect. */
  readonly #born = new Map<string, Promise<string>>()

  protected constructor(jsm: JetStreamManager) {
    this.#jsm = jsm
  }

  /** Other streams may be there now, under the same names. */
  protected forgetStreams(): void {
    this.#born.clear()
  }

  /** Those of the streams that are not there. They are asked for anew: when they were made is forgotten with them. */
  async missingStreams(names: readonly string[]): Promise<string[]> {
    const there = await Promise.all(names.map((name) => isThere(this.#jsm, name)))
    const missing = names.filter((_, i) => !there[i])
    for (const name of missing) this.#born.delete(name)
    return missing
  }

  /** Sequence number of the last message of a partition of the log; 0 when there is none. */
  lastLogSeq(stream: string, partition: number): Promise<number> {
    return this.lastSeq(stream, SUBJECTS.logOfPartition(partition))
  }

  /** Sequence number of the last message on a subject, which may hold wildcards; 0 when there is none. */
  async lastSeq(stream: string, subject: string): Promise<number> {
    return (await this.#find(stream, { last_by_subj: subject }))?.seq ?? 0
  }

  /** One stored message, or undefined when it is gone. */
  async messageAt(stream: string, seq: number): Promise<StoredMessage | undefined> {
    const message = await this.#find(stream, { seq })
    return message && viewOf(message)
  }

  /** The first stored message from a sequence number on, on a subject that may hold wildcards; undefined when there is none. */
  async nextMessage(stream: string, subject: string, fromSeq: number): Promise<StoredMessage | undefined> {
    const message = await this.#find(stream, { seq: fromSeq, next_by_subj: subject })
    return message && viewOf(message)
  }

  /** Removes one stored message, if it is the one that is meant; one that is gone already is fine. */
  async deleteMessage(stream: string, seq: number, isMeant = (_: Uint8Array) => true): Promise<void> {
    const message = await this.messageAt(stream, seq)
    if (message && isMeant(message.data)) await this.#jsm.streams.deleteMessage(stream, seq, false)
  }

  /** When the stream was made; with a sequence number it names a message for ever. */
  streamCreatedAt(stream: string): Promise<string> {
    const known = this.#born.get(stream)
    if (known) return known
    const asked = streamFacts(this.#jsm, stream).then(({ created }) => created)
    this.#born.set(stream, asked)
    asked.catch(() => this.#born.delete(stream))
    return asked
  }

  /** Messages waiting and in work of a consumer; undefined when there is no such consumer. */
  consumerDepth(stream: string, consumer: string): Promise<ConsumerDepth | undefined> {
    return consumerDepth(this.#jsm, stream, consumer)
  }

  /** How full a stream is. @param subjectsOf also how many messages each of these subjects has; it may hold wildcards */
  streamFill(stream: string, subjectsOf?: string): Promise<StreamFill> {
    return streamFill(this.#jsm, stream, subjectsOf)
  }

  /** The broker's time as it says it with what it knows of a stream; undefined from servers before 2.10. Unix milliseconds. */
  brokerTime(stream: string): Promise<number | undefined> {
    return brokerTimeOf(this.#jsm, stream)
  }

  /** When a stream was made, where it begins and ends, and the broker's time. @throws Error when there is none */
  streamFacts(stream: string): Promise<StreamFacts> {
    return streamFacts(this.#jsm, stream)
  }

  /** Whether a log still is the one that was read up to `place`. @throws Error when nobody can say */
  findBreak(stream: string, place: LogPlace): Promise<LogBreak | undefined> {
    return findBreak(this.#jsm, stream, place)
  }

  #find(
    stream: string,
    query: { seq: number; next_by_subj?: string } | { last_by_subj: string },
  ): Promise<StoredMsg | undefined> {
    return storedMessage(this.#jsm, stream, query)
  }
}

function viewOf({ subject, data, seq, time, header }: StoredMsg): StoredMessage {
  return { subject, data, seq, storedAtMs: time.getTime(), header: (name) => header.get(name) || undefined }
}
