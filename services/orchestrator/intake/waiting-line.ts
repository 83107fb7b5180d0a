/** What somebody would take of a thing that others wait for as well. */
export interface Need {
  units: number
  /** What may still be before him when he comes. Milliseconds; undefined: nobody may come before him. */
  leftMs?: number | undefined
}
/** By the name of the line. */
export type Needs = ReadonlyMap<string, Need>

/** Of somebody who was refused, and told when to come back. */
export interface Place {
  /** Among all orchestrators. */
  readonly id: string
  readonly tenant: string
  readonly key: string
  readonly needs: Needs
  /** Of a clock that goes forward. */
  dueMs: number
  untilMs: number
}

/** Those of a tenant who are before somebody. */
interface Ahead {
  readonly tenant: string
  readonly count: number
  readonly places: readonly Place[]
}

/** Of those who are before somebody, so many are looked at one by one. */
const SOON = 64
/** Of the room that is not promised, so much is kept for those who were promised some, as forecasts err; less where few of them come. */
const RESERVED_SHARE = 0.4

/** Those who wait for the same thing. Tenants take turns, however many of each there are. Pure but for its memory. */
export class WaitingLine {
  readonly #name: string
  readonly #placesOf = new Map<string, Place[]>()
  readonly #returningOf: (tenant: string) => number
  #units = 0
  #count = 0

  /** @param returningOf the share of a tenant's clients who come back when they were told to */
  constructor(name: string, returningOf: (tenant: string) => number) {
    this.#name = name
    this.#returningOf = returningOf
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  add(place: Place): void {
    const own = this.#placesOf.get(place.tenant)
    if (own) own.push(place)
    else this.#placesOf.set(place.tenant, [place])
    this.#units += this.#needOf(place).units
    this.#count++
  }

  remove(place: Place): void {
    const left = this.#placesOf.get(place.tenant)!.filter((one) => one !== place)
    if (left.length > 0) this.#placesOf.set(place.tenant, left)
    else this.#placesOf.delete(place.tenant)
    this.#units -= this.#needOf(place).units
    this.#count--
  }

  /** Units that those will take who are before him, as far as they come. @param place his own; undefined: he is behind all of his tenant */
  unitsAhead(tenant: string, place?: Place): number {
    const places = this.#ahead(tenant, place).reduce(
      (sum, one) => sum + one.count * this.#returningOf(one.tenant),
      0,
    )
    return places === 0 ? 0 : (places * this.#units) / this.#count
  }

  /** The same of those of them who are to come by then: room that is free meanwhile is nobody's. */
  unitsDue(tenant: string, place: Place | undefined, untilMs: number): number {
    let units = 0
    for (const { tenant: of, places, count } of this.#ahead(tenant, place))
      for (const one of places.slice(0, Math.min(count, SOON)))
        if (one.dueMs <= untilMs) units += this.#needOf(one).units * this.#returningOf(of)
    return units
  }

  /** When the last of them is to come; undefined: there is nobody. */
  lastDueMs(tenant: string, place?: Place): number | undefined {
    const ahead = this.#ahead(tenant, place)
    if (ahead.length === 0) return undefined
    return Math.max(...ahead.map(({ places, count }) => places[count - 1]!.dueMs))
  }

  /**
   * So much may be to do now that each of them finds no more before him than he was told. Milliseconds; `Infinity`: there is nobody.
   * @param everyMs what one unit takes
   */
  budgetMs(about: { tenant: string; place?: Place | undefined; nowMs: number; everyMs: number }): number {
    const { tenant, place: own, nowMs, everyMs } = about
    const ahead = this.#ahead(tenant, own)
    const next = ahead
      .flatMap(({ places, count }) => places.slice(0, Math.min(count, SOON)))
      .toSorted((a, b) => a.dueMs - b.dueMs)
      .slice(0, SOON)
    let [budgetMs, beforeMs] = [Number.POSITIVE_INFINITY, 0]
    for (const place of next) {
      const { units, leftMs = 0 } = this.#needOf(place)
      budgetMs = Math.min(budgetMs, Math.max(0, place.dueMs - nowMs) + leftMs - beforeMs)
      beforeMs += units * everyMs * this.#returningOf(place.tenant)
    }
    let [count, coming] = [0, 0]
    for (const one of ahead) {
      count += one.count
      coming += one.count * this.#returningOf(one.tenant)
    }
    return count === 0 ? budgetMs : budgetMs * (1 - (RESERVED_SHARE * coming) / count)
  }

  /** His own tenant's in their order, and each other tenant takes turns with him. */
  #ahead(tenant: string, place?: Place): Ahead[] {
    const own = this.#placesOf.get(tenant) ?? []
    const index = place ? own.indexOf(place) : -1
    const turn = index < 0 ? own.length : index
    return [...this.#placesOf].flatMap(([of, places]) => {
      const count = Math.min(places.length, of === tenant ? turn : turn + 1)
      return count > 0 ? [{ tenant: of, count, places }] : []
    })
  }

  #needOf({ needs }: Place): Need {
    return needs.get(this.#name) ?? { units: 0 }
  }
}
