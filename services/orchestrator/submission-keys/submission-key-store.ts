import { hash } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { FollowedStream } from '#platform/nats/followed-stream.ts'
import type { LogMessage } from '#platform/nats/log-session.ts'
import { publishAfter } from '#platform/nats/publish-after.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type SubmissionKey, submissionKeySchema } from '#schemas/submission-key.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { KEY_MEMORY_MS, type KeySummary } from '#workflow/submission-keys/decide-key.ts'

export interface SubmissionKeyStoreDeps {
  bus: Pick<Bus, 'streams' | 'consumers' | 'publisher'>
  /** The broker's. */
  clock: Pick<Clock, 'monotonicMs' | 'nowMs' | 'sleep'>
  log: Log
}

/** What the stream has of a key. */
export interface StoredKey {
  record: SubmissionKey
  /** Its place in the stream: what is written after it names it. */
  seq: number
}

/** What is kept of a key in memory. */
export interface KnownKey {
  subject: string
  tenant: string
  seq: number
  summary: KeySummary
}

const { name: STREAM } = STREAMS.submissionKeys

/**
 * Keys of submissions as their stream says. What decides is read from the stream and written after what was read, so that of two who
 * decide about a key at the same time only one is heard. In memory stands what is to be done for which key, and when.
 */
export class SubmissionKeyStore implements Component {
  readonly name = 'submission keys'
  readonly #deps: SubmissionKeyStoreDeps
  readonly #known = new Map<string, KnownKey>()
  readonly #countOf = new Map<string, number>()
  readonly #followed: FollowedStream

  constructor(deps: SubmissionKeyStoreDeps) {
    this.#deps = deps
    this.#followed = new FollowedStream(deps, {
      stream: STREAM,
      subject: SUBJECTS.submissionKeysAll,
      what: 'submission keys',
      onMessage: (message, isAnew) => this.#learn(message, isAnew),
    })
  }

  /** Resolves when every key of now is known. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    await this.#followed.start()
  }

  async stop(): Promise<void> {
    await this.#followed.stop()
  }

  /** Of all tenants, or of one. */
  count(tenant?: string): number {
    return tenant === undefined ? this.#known.size : (this.#countOf.get(tenant) ?? 0)
  }

  /** Those that nobody has written for so long that their owner must have forgotten them are left out, and dropped. */
  *known(): Iterable<KnownKey> {
    const staleBeforeMs = this.#deps.clock.nowMs() - 3 * KEY_MEMORY_MS
    for (const key of this.#known.values()) {
      const { updatedAtMs, unpublished, predecessors, window } = key.summary
      const isAtRest = !unpublished && !predecessors?.length && !window
      if (isAtRest && updatedAtMs < staleBeforeMs) this.#drop(key.subject)
      else yield key
    }
  }

  /** Resolves when everything is known that was written until now, by anybody. @throws MurmurError UNAVAILABLE */
  settled(): Promise<void> {
    return this.#followed.settled()
  }

  /** As the stream has it, now. @throws MurmurError UNAVAILABLE for one that a later version has written */
  async read(subject: string): Promise<StoredKey | undefined> {
    const message = await this.#deps.bus.streams.lastMessage(STREAM, subject)
    // What the platform has not written is taken away: whoever is decided about next would stand behind it for ever.
    if (message?.refused !== undefined) await this.#deps.bus.streams.deleteMessage(STREAM, message.seq)
    if (!message || message.refused !== undefined) {
      this.#drop(subject)
      return undefined
    }
    const record = readMessage(message.data, submissionKeySchema)
    if (!record) throw new MurmurError('UNAVAILABLE', 'the key of the submission is one of a later version')
    return { record, seq: message.seq }
  }

  /**
   * Writes what is decided after the message at `afterSeq`; 0: where there is none.
   * @returns its place; undefined where somebody else has written meanwhile
   * @throws MurmurError UNAVAILABLE, OVERLOADED when there is no room
   */
  async write(subject: string, record: SubmissionKey, afterSeq: number): Promise<number | undefined> {
    const { tenant } = record
    const about = { stream: STREAM, subject, data: JSON.stringify(record), afterSeq, payload: { tenant } }
    const published = await publishAfter(this.#deps.bus, about)
    if (!('seq' in published)) return undefined
    this.#set(subject, record, published.seq)
    return published.seq
  }

  /** Takes away what rests, unless somebody has written meanwhile. */
  async forget(subject: string, seq: number): Promise<void> {
    await this.#deps.bus.streams.deleteMessage(STREAM, seq)
    if (this.#known.get(subject)?.seq === seq) this.#drop(subject)
  }

  #learn({ subject, data, seq }: LogMessage, isAnew: boolean): void {
    if (isAnew) {
      this.#known.clear()
      this.#countOf.clear()
    }
    const record = readMessage(data, submissionKeySchema)
    if (!record)
      this.#deps.log.warn({ subject, seq }, 'a submission key of a later version is left to others')
    else if ((this.#known.get(subject)?.seq ?? 0) < seq) this.#set(subject, record, seq)
  }

  #set(subject: string, record: SubmissionKey, seq: number): void {
    const { tenant, updatedAtMs, unpublished, predecessors, window } = record
    if (!this.#known.has(subject)) this.#countOf.set(tenant, this.count(tenant) + 1)
    const summary: KeySummary = {
      updatedAtMs,
      ...(unpublished && { unpublished }),
      ...(predecessors && { predecessors }),
      ...(window && { window }),
    }
    this.#known.set(subject, { subject, tenant, seq, summary })
  }

  #drop(subject: string): void {
    const known = this.#known.get(subject)
    if (!known) return
    this.#known.delete(subject)
    const count = this.count(known.tenant) - 1
    if (count > 0) this.#countOf.set(known.tenant, count)
    else this.#countOf.delete(known.tenant)
  }
}

/** Where a key stands: keys are anybody's text, hashed they are a token. Pure. */
export function subjectOfKey({ tenant, kind, key }: Pick<SubmissionKey, 'tenant' | 'kind' | 'key'>): string {
  return SUBJECTS.submissionKey(tenant, kind, hash('sha256', key, 'base64url'))
}
