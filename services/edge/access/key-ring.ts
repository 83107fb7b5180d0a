import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { PlatformKeys } from '#platform/config/platform-keys.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { LogReading, Publishing } from '#platform/nats/bus.ts'
import type { LogMessage, LogReader } from '#platform/nats/log-reader.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type ApiKey, type CreateKeyRequest, type StoredKey, storedKeySchema } from '#schemas/api-key.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface KeyRingDeps {
  bus: LogReading & Publishing
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  log: Log
  /** Seals what is stored, and refuses what others have stored. Undefined: everything that stands there is believed. */
  seals?: Pick<PlatformKeys, 'sealJson' | 'isGenuine'> | undefined
}

/** `mur_<id>_<secret>` */
const FORM = /^mur_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/
/** What the seals are for. */
const PURPOSE = 'key'
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const PUBLISH_TIMEOUT_MS = 5000
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
  readonly #keys = new Map<string, StoredKey>()
  /** Who is told when a key is revoked, by its id. */
  readonly #onRevoked = new Map<string, Set<() => void>>()
  #reader: LogReader | undefined
  #seq = 0
  #wake = () => {}

  constructor(deps: KeyRingDeps) {
    this.#deps = deps
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

  /** Calls back when a key is revoked, as soon as this edge knows. @returns a function that ends the waiting */
  onRevoked(id: string, listener: () => void): () => void {
    const listeners = this.#onRevoked.get(id) ?? new Set()
    this.#onRevoked.set(id, listeners)
    listeners.add(listener)
    // It may have been revoked while its request was on the way to here.
    if (this.#keys.get(id)?.revokedAtMs !== undefined) queueMicrotask(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#onRevoked.get(id) === listeners) this.#onRevoked.delete(id)
    }
  }

  /** @returns the key, and what a client sends: it is shown once and kept nowhere */
  async create({ expiresInMs, ...about }: CreateKeyRequest): Promise<{ key: ApiKey; secret: string }> {
    const createdAtMs = this.#deps.clock.nowMs()
    const id = randomId()
    const secret = randomBytes(32).toString('base64url')
    const stored: StoredKey = {
      v: 1,
      id,
      ...about,
      createdAtMs,
      ...(expiresInMs !== undefined && { expiresAtMs: createdAtMs + expiresInMs }),
      hash: createHash('sha256').update(secret).digest('hex'),
    }
    await this.#write(stored)
    return { key: publicPart(stored), secret: `mur_${id}_${secret}` }
  }

  /** Newest first, with those that hold no more. */
  list(tenant?: string): ApiKey[] {
    return [...this.#keys.values()]
      .filter((key) => tenant === undefined || key.tenant === tenant)
      .map(publicPart)
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
  }

  /** For ever; again changes nothing. @throws MurmurError KEY_NOT_FOUND */
  async revoke(id: string): Promise<ApiKey> {
    const stored = this.#keys.get(id)
    if (!stored) throw new MurmurError('KEY_NOT_FOUND', `there is no key "${id}"`)
    if (stored.revokedAtMs !== undefined) return publicPart(stored)
    const revoked = { ...stored, revokedAtMs: this.#deps.clock.nowMs() }
    await this.#write(revoked)
    return publicPart(revoked)
  }

  /** The stream is made by an orchestrator, which may start a moment later. */
  async #lastSeq(): Promise<number> {
    const { bus, clock, log } = this.#deps
    const untilMs = clock.monotonicMs() + STREAM_TIMEOUT_MS
    for (;;) {
      try {
        return await bus.streams.lastSeq(STREAMS.keys.name, '>')
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

  /** Resolves when it is stored, and this edge knows it. */
  async #write(key: StoredKey): Promise<void> {
    const { bus, seals } = this.#deps
    const subject = SUBJECTS.key(key.id)
    const json = JSON.stringify(key)
    const sealed = seals?.sealJson(PURPOSE, subject, json) ?? json
    const { seq } = await bus.publisher.publish(subject, sealed, {
      msgId: randomUUID(),
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
    })
    await this.#until(seq)
  }

  #learn({ data, seq, storedAtMs, subject }: LogMessage): void {
    const { log, seals } = this.#deps
    const isGenuine = seals?.isGenuine(PURPOSE, { subject, data, storedAtMs }) ?? true
    const key = isGenuine ? readMessage(data, storedKeySchema) : undefined
    if (!isGenuine) log.error({ subject, seq }, 'an API key without the seal of the platform was refused')
    // A key that was revoked stays so, in whatever order its states come.
    if (key && this.#keys.get(key.id)?.revokedAtMs === undefined) this.#keys.set(key.id, key)
    if (key?.revokedAtMs !== undefined)
      for (const listener of [...(this.#onRevoked.get(key.id) ?? [])]) listener()
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
