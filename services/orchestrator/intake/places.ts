import { PLACE_LIMITS } from '#schemas/place-changes.ts'
import { type Needs, type Place, WaitingLine } from './waiting-line.ts'

/** Who comes back, as far as that can be told. */
export interface Visitor {
  tenant: string
  /** Of what he submits. */
  key: string
  /** Nobody else has this key. Else many may submit the same, each for himself. */
  isUnique: boolean
}

/** What other orchestrators have to know of a place. */
export interface PlaceChange {
  /** Of the place. */
  id: string
  /** Somebody was refused, and told to come after `inMs`. Without this he came, and was let in. */
  refused?: { tenant: string; key: string; inMs: number; needs: Needs } | undefined
}

/** What was promised to others, as one sees it who has a place or comes for the first time. Lines go by their names. */
export interface View {
  /** He was told to come now. */
  isDue: boolean
  /** What those before him will take. */
  ahead(line: string): number
  /** The same of those of them who are to come now. */
  due(line: string): number
  /** Until the last of them is to come. Milliseconds; undefined: there is nobody. */
  untilLastMs(line: string): number | undefined
  /** So much may be to do now that each of them finds what he was told. Milliseconds. @param everyMs what one unit takes */
  budgetMs(line: string, everyMs: number): number
}

interface Tenant {
  /** In the order in which they came. */
  readonly places: Set<Place>
  /** Of those whose time has come, the share that did come: lately. */
  returning: number
}

/** Places that are kept, of all tenants and of one. Who finds none is told when to ask again, and is one who comes for the first time then. */
const MAX_PLACES = 10_000
const MAX_OF_TENANT = 5_000
/** And of those who submit the same without a key: how many clients these are nobody knows. */
const MAX_OF_KEY = 100
/** Tenants whose habits are remembered. */
const MAX_TENANTS = 1_000
/** Who comes so much before his time has come in time: clocks and timers err, and looks are a quarter of a second apart. */
const EARLY_MS = 300
/** What is counted (tasks, steps that wait) is held for somebody from so long before his time on. */
const HOLD_MS = 1_000
/** A place is kept for so long beyond its time, at least: `Retry-After` is in whole seconds. */
const GRACE_MS = 3_000
/** And for so much of the time that its owner was told to wait: waits have jitter. */
const GRACE_SHARE = 0.1
/** Of one who came or did not, in the share of those who come. */
const NEWEST_WEIGHT = 0.05

/** What is seen where nobody waits. */
export const NOBODY: View = {
  isDue: false,
  ahead: () => 0,
  due: () => 0,
  untilLastMs: () => undefined,
  budgetMs: () => Number.POSITIVE_INFINITY,
}

/**
 * The places of those who were refused and told when to come back. What they will take counts for all who come behind them, so that
 * there is room when they come. Whose clients do not come back, less and less is kept for. Pure but for its memory; the time comes in.
 */
export class Places {
  readonly #tenants = new Map<string, Tenant>()
  readonly #lines = new Map<string, WaitingLine>()
  /** By tenant and key, the first that came first. */
  readonly #byKey = new Map<string, Place[]>()
  readonly #byId = new Map<string, Place>()
  readonly #name: string
  #number = 0
  #changes: PlaceChange[] = []

  /** @param name nobody else has it, nor has had it */
  constructor(name: string) {
    this.#name = name
  }

  get size(): number {
    return this.#byId.size
  }

  /** @param nowMs of a clock that goes forward, here and below */
  view(who: Visitor | Pick<Visitor, 'tenant'>, nowMs: number): View {
    if (this.size === 0) return NOBODY
    const { tenant } = who
    const place = 'key' in who ? this.#placeOf(who, nowMs) : undefined
    return {
      isDue: place !== undefined && nowMs >= place.dueMs - EARLY_MS,
      ahead: (line) => this.#lines.get(line)?.unitsAhead(tenant, place) ?? 0,
      due: (line) => this.#lines.get(line)?.unitsDue(tenant, place, nowMs + HOLD_MS) ?? 0,
      untilLastMs: (line) => {
        const dueMs = this.#lines.get(line)?.lastDueMs(tenant, place)
        return dueMs === undefined ? undefined : Math.max(0, dueMs - nowMs)
      },
      budgetMs: (line, everyMs) =>
        this.#lines.get(line)?.budgetMs({ tenant, place, nowMs, everyMs }) ?? Number.POSITIVE_INFINITY,
    }
  }

  /** What others have to know of what has happened here since it was asked for last. */
  changes(): PlaceChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** He was refused. He gets a place, or goes on to have the one that he has. */
  keep(visitor: Visitor, needs: Needs, { waitMs, nowMs }: { waitMs: number; nowMs: number }): void {
    const { tenant, key } = visitor
    const refused = { tenant, key, inMs: waitMs, needs }
    const place = this.#placeOf(visitor, nowMs)
    const id = place?.id ?? `${this.#name}-${++this.#number}`
    if (place) setTime(place, waitMs, nowMs)
    else if (!this.#add(id, refused, nowMs)) return
    this.#note({ id, refused })
  }

  /** He was let in. */
  take(visitor: Visitor, nowMs: number): void {
    const place = this.#placeOf(visitor, nowMs)
    if (!place) return
    this.#remove(place, 1)
    this.#note({ id: place.id })
  }

  /** It happened elsewhere. */
  hear({ id, refused }: PlaceChange, nowMs: number): void {
    const place = this.#byId.get(id)
    if (!refused) {
      if (place) this.#remove(place, 1)
    } else if (place) setTime(place, refused.inMs, nowMs)
    else this.#add(id, refused, nowMs)
  }

  /** Forgets places whose owners have not come. */
  tidy(nowMs: number): void {
    for (const { places } of this.#tenants.values())
      for (const place of places) if (place.untilMs < nowMs) this.#remove(place, 0)
    if (this.#tenants.size <= MAX_TENANTS) return
    for (const [tenant, { places }] of this.#tenants) if (places.size === 0) this.#tenants.delete(tenant)
  }

  /** What nobody asks for is forgotten: others keep a place for longer then, or none. */
  #note(change: PlaceChange): void {
    if (this.#changes.length < MAX_PLACES) this.#changes.push(change)
  }

  /** Where several may submit the same, one who comes before the first of their times is another one. */
  #placeOf({ tenant, key, isUnique }: Visitor, nowMs: number): Place | undefined {
    const place = this.#byKey.get(nameOf(tenant, key))?.[0]
    return place && (isUnique || nowMs >= place.dueMs - EARLY_MS) ? place : undefined
  }

  #add(id: string, refused: NonNullable<PlaceChange['refused']>, nowMs: number): boolean {
    const { tenant, key, needs, inMs } = refused
    const own = this.#tenants.get(tenant) ?? { places: new Set(), returning: 1 }
    if (
      needs.size === 0 ||
      needs.size > PLACE_LIMITS.lines ||
      (this.#byKey.get(nameOf(tenant, key))?.length ?? 0) >= MAX_OF_KEY ||
      this.size >= MAX_PLACES ||
      own.places.size >= MAX_OF_TENANT
    )
      return false
    const place: Place = { id, tenant, key, needs, dueMs: 0, untilMs: 0 }
    setTime(place, inMs, nowMs)
    this.#tenants.set(tenant, own)
    own.places.add(place)
    this.#byId.set(id, place)
    const name = nameOf(tenant, key)
    const same = this.#byKey.get(name)
    if (same) same.push(place)
    else this.#byKey.set(name, [place])
    for (const lineName of needs.keys()) {
      const line =
        this.#lines.get(lineName) ??
        new WaitingLine(lineName, (one) => this.#tenants.get(one)?.returning ?? 1)
      this.#lines.set(lineName, line)
      line.add(place)
    }
    return true
  }

  #remove(place: Place, cameBack: 0 | 1): void {
    const { tenant, key, needs } = place
    const own = this.#tenants.get(tenant)!
    own.places.delete(place)
    own.returning += (cameBack - own.returning) * NEWEST_WEIGHT
    this.#byId.delete(place.id)
    const name = nameOf(tenant, key)
    const rest = this.#byKey.get(name)!.filter((one) => one !== place)
    if (rest.length > 0) this.#byKey.set(name, rest)
    else this.#byKey.delete(name)
    for (const lineName of needs.keys()) {
      const line = this.#lines.get(lineName)!
      line.remove(place)
      if (line.isEmpty) this.#lines.delete(lineName)
    }
  }
}

function setTime(place: Place, waitMs: number, nowMs: number): void {
  place.dueMs = nowMs + waitMs
  place.untilMs = place.dueMs + graceMs(waitMs)
}

/** So long a place is kept for one who was to come after `waitMs`. Milliseconds. Pure. */
export function graceMs(waitMs: number): number {
  return Math.max(GRACE_MS, waitMs * GRACE_SHARE)
}

const nameOf = (tenant: string, key: string): string => `${tenant} ${key}`
