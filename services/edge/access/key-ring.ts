import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { PlatformKeys } from '#platform/config/platform-keys.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, LogReading } from '#platform/nats/bus.ts'
import type { LogMessage, LogReader } from '#platform/nats/log-reader.ts'
import { publishAfter } from '#platform/nats/publish-after.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { RefusedRecord } from '#platform/telemetry/refused-records.ts'
import {
  type ApiKey,
  type CreateKeyRequest,
  DAY_MS,
  type RotateKeyRequest,
  type StoredKey,
  storedKeySchema,
} from '#schemas/api-key.ts'
import { STREAMS } from '#subjects/streams.ts'
import { lastToken, SUBJECTS } from '#subjects/subjects.ts'
import { endOf, KeyEnds } from './key-ends.ts'

export interface KeyRingDeps {
  bus: Pick<Bus, 'publisher' | 'streams'> & Pick<LogReading, 'consumers'>
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  log: Log
  /** Seals what is stored, and refuses what others have stored. Undefined: everything that stands there is believed. */
  seals?: Pick<PlatformKeys, 'sealJson' | 'isGenuine'> | undefined
  /** Told of each record that is not believed. */
  onRefused?: (record: RefusedRecord) => void
  /** As by default where they are not given. */
  lifetimes?: KeyLifetimes | undefined
}

/** How long keys hold. Milliseconds. */
export interface KeyLifetimes {
  /** Where nobody says it. */
  defaultMs: number
  /** At most. */
  maxMs: number
}

const LIFETIMES: KeyLifetimes = { defaultMs: 90 * DAY_MS, maxMs: 366 * DAY_MS }
/** Others may change the same key meanwhile: then it is decided again. */
const MAX_TRIES = 5

/** `mur_<id>_<secret>` */
const FORM = /^mur_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/
/** What the seals are for. */
const PURPOSE = 'key'
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const KNOWN_TIMEOUT_MS = 10_000
const STREAM_TIMEOUT_MS = 60_000
const TRY_AGAIN_MS = 250
/** What a key that nobody has is compared with, so that it takes as long as one that somebody has. */
const NOBODY = Buffer.alloc(32)

/**
 * All API keys, in memory, as their stream says: asking for one takes no way to anybody, a revocation is here within
 * milliseconds, and while NATS is away what was known holds on.
 */
export class KeyRing implements Component {
  readonly name = 'key ring'
  readonly #deps: KeyRingDeps
  readonly #lifetimes: KeyLifetimes
  readonly #keys = new Map<string, StoredKey>()
  /** Who is told when the end of a key changes. */
  readonly #ends = new KeyEnds()
  /** Where the last record of each key is in the stream, whatever stands in it. */
  readonly #seqs = new Map<string, number>()
  #reader: LogReader | undefined
  #seq = 0
  #wake = () => {}

  constructor(deps: KeyRingDeps) {
    this.#deps = deps
    this.#lifetimes = deps.lifetimes ?? LIFETIMES
  }

  /** Resolves when every key of now is known. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    const { bus } = this.#deps
    const lastSeq = await this.#lastSeq()
    this.#reader = bus.consumers.readLog({
      stream: STREAMS.keys.name,
      filterSubject: SUBJECTS.keysAll,
      fromSeq: 1,
      onMessage: (message) => this.#learn(message),
    })
    await this.#until(lastSeq)
  }

  async stop(): Promise<void> {
    await this.#reader?.stop()
  }

  /** The key that a text is, if it is one that holds now. */
  find(text: string): ApiKey | undefined {
    const [, id = '', secret = ''] = FORM.exec(text) ?? []
    const stored = this.#keys.get(id)
    const hash = createHash('sha256').update(secret).digest()
    const isRight = timingSafeEqual(hash, stored ? Buffer.from(stored.hash, 'hex') : NOBODY)
    return stored && isRight && this.#holds(stored) ? publicPart(stored) : undefined
  }

  /**
   * Tells until when a key holds, whenever that changes: Unix milliseconds, 0 for one that was revoked, undefined for one without an end.
   * @returns a function that ends it
   */
  onEndChanged(id: string, listener: (endsAtMs: number | undefined) => void): () => void {
    // It may have changed while its request was on the way to here.
    const stored = this.#keys.get(id)
    if (stored) queueMicrotask(() => listener(endOf(stored)))
    return this.#ends.listen(id, listener)
  }

  /**
   * @param by who made it, for its record
   * @returns the key, and what a client sends: it is shown once and kept nowhere
   * @throws MurmurError INVALID_REQUEST for a lifetime above what is allowed; UNAVAILABLE
   */
  create({ expiresInMs, ...about }: CreateKeyRequest, by?: string): Promise<{ key: ApiKey; secret: string }> {
    const { defaultMs, maxMs } = this.#lifetimes
    const lifetimeMs = expiresInMs ?? Math.min(defaultMs, maxMs)
    this.#assertAllowed(lifetimeMs)
    return this.#make({ ...about, ...(by !== undefined && { createdBy: by }) }, lifetimeMs)
  }

  /**
   * A new key of the same tenant, name, owner and scopes, and the old one, which from now on holds for `graceMs` at most. Where it
   * breaks off in between both hold as they are, and it can be asked for again.
   * @throws MurmurError KEY_NOT_FOUND; KEY_STATE_CONFLICT for a key that holds no more or was rotated already; INVALID_REQUEST
   */
  async rotate(
    { id, graceMs, expiresInMs }: RotateKeyRequest,
    by?: string,
  ): Promise<{ key: ApiKey; secret: string; old: ApiKey }> {
    const { tenant, name, scopes, owner, createdAtMs, expiresAtMs } = this.#rotatable(id)
    const { defaultMs, maxMs } = this.#lifetimes
    const givenMs = expiresAtMs === undefined ? defaultMs : expiresAtMs - createdAtMs
    const lifetimeMs = expiresInMs ?? Math.min(givenMs, maxMs)
    this.#assertAllowed(lifetimeMs)
    const who = { ...(owner !== undefined && { owner }), ...(by !== undefined && { createdBy: by }) }
    const made = await this.#make({ tenant, name, scopes, ...who, replaces: id }, lifetimeMs)
    try {
      const endAtMs = this.#deps.clock.nowMs() + graceMs
      const old = await this.#change(id, () => {
        const stored = this.#rotatable(id)
        const untilMs = Math.min(stored.expiresAtMs ?? endAtMs, endAtMs)
        return { ...stored, expiresAtMs: untilMs, replacedBy: made.key.id }
      })
      return { ...made, old }
    } catch (error) {
      // Somebody else was faster: nobody is told of this one's secret.
      await this.revoke(made.key.id, by)
      throw error
    }
  }

  /** Newest first, with those that hold no more. */
  list(tenant?: string): ApiKey[] {
    return [...this.#keys.values()]
      .filter((key) => tenant === undefined || key.tenant === tenant)
      .map(publicPart)
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
  }

  /** For ever; again changes nothing. @throws MurmurError KEY_NOT_FOUND */
  async revoke(id: string, by?: string): Promise<ApiKey> {
    return this.#change(id, (stored) =>
      stored.revokedAtMs !== undefined
        ? stored
        : { ...stored, revokedAtMs: this.#deps.clock.nowMs(), ...(by !== undefined && { revokedBy: by }) },
    )
  }

  /** A key that can be put in place of. @throws MurmurError KEY_NOT_FOUND, KEY_STATE_CONFLICT */
  #rotatable(id: string): StoredKey {
    const stored = this.#stored(id)
    if (stored.replacedBy !== undefined)
      throw new MurmurError(
        'KEY_STATE_CONFLICT',
        `key "${id}" was rotated: ${stored.replacedBy} takes its place`,
      )
    if (!this.#holds(stored)) throw new MurmurError('KEY_STATE_CONFLICT', `key "${id}" holds no more`)
    return stored
  }

  /** @throws MurmurError KEY_NOT_FOUND */
  #stored(id: string): StoredKey {
    const stored = this.#keys.get(id)
    if (!stored) throw new MurmurError('KEY_NOT_FOUND', `there is no key "${id}"`)
    return stored
  }

  /** @throws MurmurError INVALID_REQUEST */
  #assertAllowed(lifetimeMs: number): void {
    const { maxMs } = this.#lifetimes
    if (lifetimeMs <= maxMs) return
    const message = `must be at most ${maxMs} (${maxMs / DAY_MS} days): MURMUR_EDGE_KEY_MAX_DAYS allows no more`
    throw new MurmurError('INVALID_REQUEST', `the request is not valid: expiresInMs ${message}`, {
      issues: [{ path: 'expiresInMs', message }],
    })
  }

  async #make(
    about: Omit<StoredKey, 'v' | 'id' | 'hash' | 'createdAtMs' | 'expiresAtMs'>,
    lifetimeMs: number,
  ): Promise<{ key: ApiKey; secret: string }> {
    const createdAtMs = this.#deps.clock.nowMs()
    const id = randomId()
    const secret = randomBytes(32).toString('base64url')
    const hash = createHash('sha256').update(secret).digest('hex')
    const stored: StoredKey = { v: 1, id, ...about, createdAtMs, expiresAtMs: createdAtMs + lifetimeMs, hash }
    if (!(await this.#write(stored, 0))) throw new MurmurError('INTERNAL', `there is a key "${id}" already`)
    return { key: publicPart(stored), secret: `mur_${id}_${secret}` }
  }

  /** Decides from the state that is there, and again where somebody else has changed it meanwhile. @throws what `next` throws */
  async #change(id: string, next: (stored: StoredKey) => StoredKey): Promise<ApiKey> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const stored = this.#stored(id)
      const seq = this.#seqs.get(id)!
      const changed = next(stored)
      if (changed === stored || (await this.#write(changed, seq))) return publicPart(changed)
    }
    throw new MurmurError('UNAVAILABLE', `key "${id}" is changed by others all the time`)
  }

  /** The stream is made by an orchestrator, which may start a moment later. */
  async #lastSeq(): Promise<number> {
    const { bus, clock, log } = this.#deps
    const untilMs = clock.monotonicMs() + STREAM_TIMEOUT_MS
    for (;;) {
      try {
        return await bus.streams.lastSeq(STREAMS.keys.name, SUBJECTS.keysAll)
      } catch (cause) {
        if (clock.monotonicMs() > untilMs)
          throw new MurmurError('UNAVAILABLE', `the stream of keys is not there: ${messageOf(cause)}`, {
            cause,
          })
        log.debug({ reason: messageOf(cause) }, 'the stream of keys is not there yet')
        await clock.sleep(TRY_AGAIN_MS)
      }
    }
  }

  #holds({ expiresAtMs, revokedAtMs }: StoredKey): boolean {
    return revokedAtMs === undefined && (expiresAtMs === undefined || expiresAtMs > this.#deps.clock.nowMs())
  }

  /**
   * Resolves when it is stored and this edge knows it, or knows what somebody else has stored meanwhile.
   * @returns whether it was stored
   */
  async #write(key: StoredKey, afterSeq: number): Promise<boolean> {
    const { bus, seals } = this.#deps
    const subject = SUBJECTS.key(key.id)
    const json = JSON.stringify(key)
    const stored = await publishAfter(bus, {
      stream: STREAMS.keys.name,
      subject,
      data: seals?.sealJson(PURPOSE, subject, json) ?? json,
      afterSeq,
    })
    const isStored = 'seq' in stored
    await this.#until(isStored ? stored.seq : (stored.last?.seq ?? 0))
    return isStored
  }

  #learn({ data, seq, storedAtMs, subject }: LogMessage): void {
    const { seals, onRefused } = this.#deps
    // Of every record: the next one of this key is stored behind it, also behind one that is refused here.
    this.#seqs.set(lastToken(subject), seq)
    const isGenuine = seals?.isGenuine(PURPOSE, { subject, data, storedAtMs }) ?? true
    const key = isGenuine ? readMessage(data, storedKeySchema) : undefined
    if (!isGenuine)
      onRefused?.({
        stream: STREAMS.keys.name,
        subject,
        seq,
        why: 'an API key without the seal of the platform',
      })
    // A key that was revoked stays so, in whatever order its states come.
    if (key && this.#keys.get(key.id)?.revokedAtMs === undefined) {
      this.#keys.set(key.id, key)
      this.#ends.tell(key.id, endOf(key))
    }
    this.#seq = seq
    this.#wake()
  }

  async #until(seq: number): Promise<void> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.#wake()
    }, KNOWN_TIMEOUT_MS)
    try {
      while (this.#seq < seq) {
        if (isLate) throw new MurmurError('UNAVAILABLE', 'the stream of keys does not answer')
        const before = this.#wake
        await new Promise<void>((resolve) => {
          this.#wake = () => {
            before()
            resolve()
          }
        })
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

function publicPart({ hash: _hash, v: _v, ...key }: StoredKey): ApiKey {
  return key
}

/** 12 characters: 62 bits, more than enough to be alone among keys. */
function randomId(): string {
  // 252 is the largest multiple of 36 in a byte: larger ones would favour some characters.
  const bytes = [...randomBytes(64)].filter((byte) => byte < 252).slice(0, 12)
  return bytes.length < 12 ? randomId() : bytes.map((byte) => ALPHABET[byte % 36]).join('')
}
