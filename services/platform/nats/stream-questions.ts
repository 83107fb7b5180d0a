import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
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
  async messageAt(stream: string, seq: number): Promise<{ subject: string; data: Uint8Array } | undefined> {
    const message = await this.#find(stream, { seq })
    return message ? { subject: message.subject, data: message.data } : undefined
  }

  /** The first stored message from a sequence number on, on a subject that may hold wildcards; undefined when there is none. */
  async nextMessage(
    stream: string,
    subject: string,
    fromSeq: number,
  ): Promise<(LogMessage & Pick<BusMessage, 'header'>) | undefined> {
    const message = await this.#find(stream, { seq: fromSeq, next_by_subj: subject })
    if (!message) return undefined
    const { data, seq, time, header } = message
    const storedAtMs = time.getTime()
    return {
      subject: message.subject,
      data,
      seq,
      storedAtMs,
      header: (name) => header.get(name) || undefined,
    }
  }

  /** Removes one stored message; one that is gone already is fine. */
  async deleteMessage(stream: string, seq: number): Promise<void> {
    if (await this.messageAt(stream, seq)) await this.#jsm.streams.deleteMessage(stream, seq, false)
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
  async consumerDepth(
    stream: string,
    consumer: string,
  ): Promise<{ waiting: number; inWork: number } | undefined> {
    try {
      const info = await this.#jsm.consumers.info(stream, consumer)
      return { waiting: info.num_pending, inWork: info.num_ack_pending }
    } catch (error) {
      if (messageOf(error).includes('not found')) return undefined
      throw error
    }
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
