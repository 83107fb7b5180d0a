import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, StoredMessage } from '#platform/nats/bus.ts'
import { FollowedStream } from '#platform/nats/followed-stream.ts'
import type { LogMessage } from '#platform/nats/log-session.ts'
import { publishAfter } from '#platform/nats/publish-after.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type ScheduleState, type StoredSchedule, storedScheduleSchema } from '#schemas/schedule.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface ScheduleStoreDeps {
  bus: Pick<Bus, 'streams' | 'consumers' | 'publisher'>
  /** The broker's. */
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
  log: Log
}

/** What the stream has under a name. */
export interface StoredEntry {
  stored: StoredSchedule
  /** Its place in the stream: what is written after it names it. */
  seq: number
}

/** The same of one that was not deleted. */
export interface LiveEntry extends StoredEntry {
  stored: ScheduleState
}

/** Writes that meet those of somebody else, before whoever asked is told to come back. */
const MAX_ATTEMPTS = 8
const { name: STREAM } = STREAMS.schedules

/**
 * Schedules as their stream says, in the memory of every orchestrator. Whoever writes one names what he has read, so that of two who
 * decide the same only one is heard: that, and not who owns it, is what makes it safe.
 */
export class ScheduleStore implements Component {
  readonly name = 'schedules'
  readonly #deps: ScheduleStoreDeps
  readonly #entries = new Map<string, StoredEntry>()
  readonly #followed: FollowedStream

  constructor(deps: ScheduleStoreDeps) {
    this.#deps = deps
    this.#followed = new FollowedStream(deps, {
      stream: STREAM,
      subject: SUBJECTS.schedulesAll,
      what: 'schedules',
      onMessage: (message, isAnew) => this.#learn(message, isAnew),
      onRefused: (message) => void this.#putBack(message),
    })
  }

  /** Resolves when every schedule of now is known. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    await this.#followed.start()
  }

  async stop(): Promise<void> {
    await this.#followed.stop()
  }

  /** Of all tenants. */
  get count(): number {
    return [...this.#entries.values()].filter(isLive).length
  }

  entries(): Iterable<StoredEntry> {
    return this.#entries.values()
  }

  /** Of one tenant, by name, without deleted ones. */
  ofTenant(tenant: string): ScheduleState[] {
    return [...this.#entries.values()]
      .filter(isLive)
      .map(({ stored }) => stored)
      .filter((state) => state.tenant === tenant)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Resolves when everything is known that was written until now, by anybody. @throws MurmurError UNAVAILABLE */
  settled(): Promise<void> {
    return this.#followed.settled()
  }

  /** As the stream has it, now. @throws MurmurError SCHEDULE_NOT_FOUND */
  async get(tenant: string, name: string): Promise<ScheduleState> {
    const entry = await this.#fetch(tenant, name)
    if (entry && isLive(entry)) return entry.stored
    throw notFound(name)
  }

  /**
   * Changes one, from what the stream has. A change that gives the same object writes nothing.
   * @throws MurmurError what `change` throws; UNAVAILABLE, OVERLOADED when it can't be written
   */
  async change<Next extends StoredSchedule>(
    tenant: string,
    name: string,
    change: (before: ScheduleState | undefined) => Next,
  ): Promise<Next> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const entry = await this.#fetch(tenant, name)
      const before = entry && isLive(entry) ? entry.stored : undefined
      const next = change(before)
      if (next === before || (await this.write(next, entry?.seq ?? 0)) !== undefined) return next
    }
    throw new MurmurError('UNAVAILABLE', `schedule "${name}" is changed again and again by others`, {
      retryAfterMs: 1000,
    })
  }

  /**
   * Writes one after the message at `afterSeq`; 0: where there is none.
   * @returns its place; undefined where somebody else has written meanwhile: what he has written is known then
   * @throws MurmurError UNAVAILABLE, OVERLOADED when there is no room
   */
  async write(stored: StoredSchedule, afterSeq: number): Promise<number | undefined> {
    const { tenant, name } = stored
    const subject = SUBJECTS.schedule(tenant, name)
    const about = { stream: STREAM, subject, data: JSON.stringify(stored), afterSeq, payload: { tenant } }
    const published = await publishAfter(this.#deps.bus, about)
    if ('seq' in published) return this.#set({ stored, seq: published.seq }).seq
    this.#adopt({ tenant, name }, published.last)
    return undefined
  }

  /** Takes away what is left of a deleted one. */
  async forget({ stored, seq }: StoredEntry): Promise<void> {
    await this.#deps.bus.streams.deleteMessage(STREAM, seq)
    const key = keyOf(stored)
    if (this.#entries.get(key)?.seq === seq) this.#entries.delete(key)
  }

  /** What the stream has, whatever was known: it may be another stream by now. */
  async #fetch(tenant: string, name: string): Promise<StoredEntry | undefined> {
    const message = await this.#deps.bus.streams.lastMessage(STREAM, SUBJECTS.schedule(tenant, name))
    return this.#adopt({ tenant, name }, message)
  }

  #adopt(
    about: { tenant: string; name: string },
    message: StoredMessage | undefined,
  ): StoredEntry | undefined {
    const key = keyOf(about)
    const known = this.#entries.get(key)
    if (!message) {
      this.#entries.delete(key)
      return undefined
    }
    if (known?.seq === message.seq) return known
    // What the platform has not written changes nothing; what is written next stands behind it.
    if (message.refused !== undefined) return known && { ...known, seq: message.seq }
    const stored = readMessage(message.data, storedScheduleSchema)
    if (!stored) throw new MurmurError('UNAVAILABLE', `schedule "${about.name}" is one of a later version`)
    return this.#set({ stored, seq: message.seq })
  }

  #learn({ subject, data, seq }: LogMessage, isAnew: boolean): void {
    if (isAnew) this.#entries.clear()
    const stored = readMessage(data, storedScheduleSchema)
    if (!stored) this.#deps.log.warn({ subject, seq }, 'a schedule of a later version is left to others')
    else if ((this.#entries.get(keyOf(stored))?.seq ?? 0) < seq) this.#set({ stored, seq })
  }

  /** The record that this one has taken the place of. Of all orchestrators that try one is heard. */
  async #putBack({ subject, seq }: LogMessage): Promise<void> {
    const [, tenant = '', name = ''] = subject.split('.')
    const known = this.#entries.get(keyOf({ tenant, name }))
    try {
      if (known) await this.write(known.stored, seq)
    } catch (error) {
      this.#deps.log.warn({ subject, reason: messageOf(error) }, 'a schedule could not be put back')
    }
  }

  #set(entry: StoredEntry): StoredEntry {
    this.#entries.set(keyOf(entry.stored), entry)
    return entry
  }
}

/** Names it among those of all tenants. */
export function keyOf({ tenant, name }: { tenant: string; name: string }): string {
  return `${tenant}.${name}`
}

export function isLive(entry: StoredEntry): entry is LiveEntry {
  return !('deletedAtMs' in entry.stored)
}

export function notFound(name: string): MurmurError {
  return new MurmurError('SCHEDULE_NOT_FOUND', `there is no schedule "${name}"`)
}
