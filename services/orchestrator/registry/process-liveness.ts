import { type AgentHeartbeat, isCordoned } from '#schemas/agent.ts'
import { siteOfAgent } from '#schemas/site.ts'

/**
 * What is known of a process that ran something: it sends heartbeats; it died, which means that it was ready, fell silent and would
 * have been heard; it is not known yet, but soon will be; or nothing is known, as of one that ended in order or never sent a heartbeat.
 */
export type Liveness = 'alive' | 'dead' | 'unsure' | 'unknown'

/** A process by what it calls itself: when it began tells it from an earlier one of the same name. */
export interface ProcessIdentity {
  type: string
  instance: string
  bornAtMs: number
}

/** Heartbeats come every second: with one missing, nothing is sure. */
const HEARD_LATELY_MS = 1500
/** Three heartbeats. */
const SILENT_MS = 3000
/** Without any heartbeat for so long, from whomever, it may be us who hear nothing. */
const DEAF_MS = 2000
/** After this nobody seems to send heartbeats at all: waiting for them would be in vain. */
const NOBODY_MS = 5000
const REMEMBERED_MS = 15 * 60_000
const MAX_REMEMBERED = 20_000

interface Heard {
  atMs: number
  /** It has not said that it would end. */
  isWorking: boolean
}

/** How well a place is heard: the centre, or one site. */
interface Hearing {
  /** When somebody there was heard last. */
  lastMs: number
  /** Since when somebody has been heard without a gap. */
  sinceMs: number
}

const NEVER: Hearing = { lastMs: Number.NEGATIVE_INFINITY, sinceMs: Number.NEGATIVE_INFINITY }
const CENTRE = ''

/**
 * Which processes of agents live, by their heartbeats. That somebody is silent proves nothing unless others are heard all the
 * while: the network, the server or we ourselves may have stood still. Each site is heard over a link of its own: whoever is silent
 * there is compared with others there. All times are of one monotonic clock. Milliseconds.
 */
export class ProcessLiveness {
  readonly #liveness = new Map<string, Heard>()
  readonly #hearing = new Map<string, Hearing>()
  /** Sites that somebody asks from while nobody there is heard, and since when: heartbeats may come a moment behind the question. */
  readonly #askedSinceMs = new Map<string, number>()

  heard(
    beat: Pick<AgentHeartbeat, 'type' | 'instance' | 'startedAtMs' | 'status' | 'cordoned'>,
    nowMs: number,
  ): void {
    const place = placeOf(beat)
    const { lastMs, sinceMs } = this.#hearing.get(place) ?? NEVER
    this.#askedSinceMs.delete(place)
    this.#hearing.set(place, { lastMs: nowMs, sinceMs: nowMs - lastMs > DEAF_MS ? nowMs : sinceMs })
    const key = keyOf({ ...beat, bornAtMs: beat.startedAtMs })
    // Deleting first moves it to the end: a Map keeps the order of insertion.
    const isNew = !this.#liveness.delete(key)
    // One that is drained goes on with what it has, as long as that takes.
    const isWorking = beat.status === 'ready' || isCordoned(beat)
    this.#liveness.set(key, { atMs: nowMs, isWorking })
    if (isNew) this.#forget(nowMs)
  }

  of(name: ProcessIdentity, nowMs: number): Liveness {
    const heard = this.#liveness.get(keyOf(name))
    const place = placeOf(name)
    const { lastMs, sinceMs } = this.#hearing.get(place) ?? NEVER
    // A link that was cut is just back: whoever was not heard, or forgotten, meanwhile may speak yet.
    if (place !== CENTRE && this.#mayYetSpeak(heard, { place, lastMs, sinceMs, nowMs })) return 'unsure'
    // One that said it would end has not died under its work.
    if (!heard?.isWorking) return 'unknown'
    const silentMs = nowMs - heard.atMs
    if (silentMs <= HEARD_LATELY_MS) return 'alive'
    const deafMs = nowMs - lastMs
    if (deafMs > NOBODY_MS) return 'unknown'
    const isHearing = deafMs <= DEAF_MS && nowMs - sinceMs >= SILENT_MS
    return isHearing && silentMs > SILENT_MS ? 'dead' : 'unsure'
  }

  #mayYetSpeak(
    heard: Heard | undefined,
    { place, lastMs, sinceMs, nowMs }: Hearing & { place: string; nowMs: number },
  ): boolean {
    if (nowMs - lastMs <= DEAF_MS)
      return nowMs - sinceMs < SILENT_MS && (heard === undefined || heard.atMs < sinceMs)
    const askedSinceMs = this.#askedSinceMs.get(place) ?? nowMs
    this.#askedSinceMs.set(place, askedSinceMs)
    return nowMs - askedSinceMs < SILENT_MS
  }

  #forget(nowMs: number): void {
    for (const [place, { lastMs }] of this.#hearing)
      if (nowMs - lastMs > REMEMBERED_MS) this.#hearing.delete(place)
    for (const [place, sinceMs] of this.#askedSinceMs)
      if (nowMs - sinceMs > REMEMBERED_MS) this.#askedSinceMs.delete(place)
    for (const [key, { atMs }] of this.#liveness) {
      if (nowMs - atMs <= REMEMBERED_MS && this.#liveness.size <= MAX_REMEMBERED) return
      this.#liveness.delete(key)
    }
  }
}

function placeOf({ type }: Pick<ProcessIdentity, 'type'>): string {
  return siteOfAgent(type) ?? CENTRE
}

function keyOf({ type, instance, bornAtMs }: ProcessIdentity): string {
  return `${type}.${instance}.${bornAtMs}`
}
