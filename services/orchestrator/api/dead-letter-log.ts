import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus, StoredMessage } from '#platform/nats/bus.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { DeadLetter, DeadLetterFilter, DeadLetterMark } from '#schemas/dead-letter.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { describeLetter, isLetter, isMatch, withMark } from './dead-letter-view.ts'

/** Messages that are asked for at the same time. */
const CONCURRENT_READS = 50
/** Messages that one request scans: few may be those that are asked for, and a request has to end. */
const MAX_SCANNED = 1000
const MARK_TIMEOUT_MS = 5000

export type DeadLetterBus = Pick<Bus, 'publisher'> & {
  streams: Pick<Streams, 'lastSeq' | 'messageAt' | 'lastMessage' | 'deleteMessage'>
}

/** A letter as it is kept, and what is known of it. */
export interface KeptLetter {
  readonly message: StoredMessage
  readonly letter: DeadLetter
}

export type LetterQuery = DeadLetterFilter & {
  tenant?: string | undefined
  limit: number
  cursor?: string | undefined
}

/** What was given up, as the stream DEAD has it: letters, and marks of those that were replayed. */
export class DeadLetterLog {
  readonly #bus: DeadLetterBus

  constructor(bus: DeadLetterBus) {
    this.#bus = bus
  }

  /** One page, newest first. It may have fewer than the limit, or none, though there are more: go by the cursor. */
  async page({
    limit,
    cursor,
    ...filter
  }: LetterQuery): Promise<{ letters: KeptLetter[]; nextCursor?: string }> {
    const found: KeptLetter[] = []
    const newest = await this.#bus.streams.lastSeq(STREAMS.dead.name, SUBJECTS.deadAll)
    const from = cursor === undefined ? newest : Math.min(newest, Number(cursor) - 1)
    let seq = from
    while (seq > 0 && found.length < limit && from - seq < MAX_SCANNED) {
      for (const message of await this.#before(seq)) {
        if (found.length === limit) break
        const letter = message && isLetter(message) ? describeLetter(message) : undefined
        if (letter && isMatch(letter, filter)) found.push({ message: message!, letter })
        seq--
      }
    }
    // Below the oldest that is kept there is nothing, however far down numbers go.
    const older = seq > 0 && (await this.#hasOlder(seq))
    const letters = await Promise.all(found.map((kept) => this.#marked(kept)))
    return { letters, ...(older && { nextCursor: String(seq + 1) }) }
  }

  /** @throws MurmurError DEAD_LETTER_NOT_FOUND, also for those of other tenants */
  async get(seq: number, tenant?: string): Promise<KeptLetter> {
    const message = await this.#bus.streams.messageAt(STREAMS.dead.name, seq)
    const letter = message && isLetter(message) ? describeLetter(message) : undefined
    if (!letter || (tenant !== undefined && letter.tenant !== tenant))
      throw new MurmurError('DEAD_LETTER_NOT_FOUND', `no message ${seq} is kept`)
    return this.#marked({ message: message!, letter })
  }

  /** Writes down, beside the letter, what it became. @throws MurmurError UNAVAILABLE */
  async mark(mark: DeadLetterMark): Promise<void> {
    await this.#bus.publisher.publish(SUBJECTS.deadMark(mark.seq), JSON.stringify(mark), {
      msgId: MESSAGE_IDS.deadMark(mark.seq, mark.taskId),
      giveUpAfterMs: MARK_TIMEOUT_MS,
    })
  }

  /** Deletes a letter for good. */
  async remove({ letter }: KeptLetter): Promise<void> {
    await this.#bus.streams.deleteMessage(STREAMS.dead.name, letter.seq)
  }

  async #marked({ message, letter }: KeptLetter): Promise<KeptLetter> {
    const mark = await this.#bus.streams.lastMessage(STREAMS.dead.name, SUBJECTS.deadMark(letter.seq))
    return { message, letter: withMark(letter, mark) }
  }

  /** Those at `seq` and below, newest first; undefined for those that are gone. */
  #before(seq: number): Promise<(StoredMessage | undefined)[]> {
    const count = Math.min(CONCURRENT_READS, seq)
    return Promise.all(
      Array.from({ length: count }, (_, i) => this.#bus.streams.messageAt(STREAMS.dead.name, seq - i)),
    )
  }

  async #hasOlder(seq: number): Promise<boolean> {
    return (await this.#before(seq)).some((message) => message !== undefined)
  }
}
