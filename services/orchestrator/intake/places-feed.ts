import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { BusMessage, CorePublishing, Subscribing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import {
  type KeptPlace,
  keptPlaceSchema,
  PLACE_LIMITS,
  type PlaceChanges,
  placeChangesSchema,
} from '#schemas/place-changes.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { graceMs, type PlaceChange, type Places } from './places.ts'
import { Poller } from './poller.ts'

export interface PlacesFeedDeps {
  bus: Subscribing & CorePublishing
  redis: Pick<Redis, 'hgetall' | 'hset' | 'hdel'>
  places: Pick<Places, 'changes' | 'hear'>
  instance: string
  /** The broker's, which all orchestrators have. */
  clock: Clock
  log: Log
}

type Change = PlaceChanges['changes'][number]

/** Whoever comes back may come to another orchestrator: they have to know of each other's places before that. */
const TELL_INTERVAL_MS = 100
/** Of a message: a hundred changes with all the lines that there may be are fewer. */
const MAX_BYTES = 1024 * 1024
const KEY = 'murmur:places'

/**
 * Orchestrators tell each other which places they have given, and keep them in Redis for those that come later, after a death or an update. What is lost
 * on the way costs somebody his place, or keeps one for nobody until its time is over.
 */
export class PlacesFeed extends Poller {
  readonly name = 'places feed'
  readonly #deps: PlacesFeedDeps
  /** What this one has written into Redis, and until when it is of use there. */
  readonly #kept = new Map<string, number>()
  #end: () => void = () => {}

  constructor(deps: PlacesFeedDeps) {
    super(deps.clock, TELL_INTERVAL_MS)
    this.#deps = deps
  }

  override async start(): Promise<void> {
    this.#end = this.#deps.bus.subscribe(SUBJECTS.places, (message) => this.#hear(message))
    await this.#tryTo(() => this.#recall())
    await super.start()
  }

  override async stop(): Promise<void> {
    this.#end()
    await super.stop()
  }

  protected async poll(): Promise<void> {
    const { bus, places, instance, clock } = this.#deps
    const changes = places.changes().map(toWire)
    for (let at = 0; at < changes.length; at += PLACE_LIMITS.changes) {
      const message: PlaceChanges = {
        ...{ v: 1, from: instance },
        changes: changes.slice(at, at + PLACE_LIMITS.changes),
      }
      bus.publishCore(SUBJECTS.places, JSON.stringify(message))
    }
    const nowMs = clock.nowMs()
    const over = [...this.#kept].flatMap(([id, untilMs]) => (untilMs < nowMs ? [id] : []))
    if (changes.length > 0 || over.length > 0) await this.#tryTo(() => this.#keep(changes, over))
  }

  async #keep(changes: readonly Change[], over: readonly string[]): Promise<void> {
    const { redis, clock } = this.#deps
    const nowMs = clock.nowMs()
    // Of several changes of a place the last one counts.
    const last = new Map(changes.map(({ id, refused }) => [id, refused]))
    const gone = [...over]
    const writes: Promise<void>[] = []
    for (const [id, refused] of last) {
      if (!refused) {
        gone.push(id)
        continue
      }
      const { inMs, ...rest } = refused
      const kept: KeptPlace = { ...rest, dueAtMs: nowMs + inMs, waitMs: inMs }
      this.#kept.set(id, kept.dueAtMs + graceMs(inMs))
      writes.push(redis.hset(KEY, id, JSON.stringify(kept)))
    }
    for (const id of gone) this.#kept.delete(id)
    if (gone.length > 0) writes.push(redis.hdel(KEY, gone))
    await Promise.all(writes)
  }

  /** What others have given before this one came. */
  async #recall(): Promise<void> {
    const { redis, places, clock } = this.#deps
    const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()]
    const over: string[] = []
    const found: { id: string; kept: KeptPlace }[] = []
    for (const [id, json] of Object.entries(await redis.hgetall(KEY))) {
      const kept = readMessage(json, keptPlaceSchema)
      if (kept && kept.dueAtMs + graceMs(kept.waitMs) > nowMs) found.push({ id, kept })
      else over.push(id)
    }
    for (const { id, kept } of found.toSorted((a, b) => a.kept.dueAtMs - b.kept.dueAtMs)) {
      const { dueAtMs, waitMs: _, ...refused } = kept
      places.hear(fromWire({ id, refused: { ...refused, inMs: Math.max(0, dueAtMs - nowMs) } }), monotonicMs)
    }
    if (over.length > 0) await redis.hdel(KEY, over)
  }

  async #tryTo(what: () => Promise<void>): Promise<void> {
    try {
      await what()
    } catch (error) {
      this.#deps.log.debug({ reason: messageOf(error) }, 'places of those who were refused are not kept')
    }
  }

  #hear({ data }: BusMessage): void {
    if (data.length > MAX_BYTES) return
    const message = readMessage(data, placeChangesSchema)
    if (!message || message.from === this.#deps.instance) return
    const nowMs = this.#deps.clock.monotonicMs()
    for (const change of message.changes) this.#deps.places.hear(fromWire(change), nowMs)
  }
}

function toWire({ id, refused }: PlaceChange): Change {
  if (!refused) return { id }
  const needs = [...refused.needs].map(([line, need]) => ({ line, ...need }))
  return { id, refused: { ...refused, needs } }
}

function fromWire({ id, refused }: Change): PlaceChange {
  if (!refused) return { id }
  const needs = new Map(refused.needs.map(({ line, ...need }) => [line, need]))
  return { id, refused: { ...refused, needs } }
}
