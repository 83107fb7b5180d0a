import { isBefore, type Page, type PageAsk, type Place, type Reading } from './page-reading.ts'

interface KnownPage<Row> {
  readonly kind: 'page'
  /** What it was read with; undefined: the start of the list, which is read again by its time. */
  readonly ask: PageAsk | undefined
  readonly newest: Place
  readonly oldest: Place
  /** Where its first row stands in the list, without what is new. */
  first: number
  readonly length: number
  /** Undefined: given up, since it is far from what is seen. */
  rows: Row[] | undefined
  usedAt: number
}

/** Rows between two that are known, of which nothing is known but about how many they are. */
interface Gap {
  readonly kind: 'gap'
  first: number
  length: number
  newer: Place
  newerCursor: string | undefined
  older: Place
  /** In the order that begins with the oldest. */
  olderCursor: string | undefined
  /** Nothing in it is older. Unix milliseconds. */
  oldestMs: number
}

/** Pages whose rows are kept. Those used longest ago go first; how they were read stays, so that they can be read again. */
const MAX_PAGES = 60
/** What came since the first page was read and is shown before it. More than this: the list is better read anew. */
export const MAX_NEW_ROWS = 2000
/** So near to its end a gap is read on from there, row by row; further inside it is gone to by time. */
const NEAR_ROWS = 500
/** What is this near to rows that are seen is read before it is. */
const AHEAD_ROWS = 150
/** More rows are not guessed: the scroll bar has no finer steps. */
const MAX_GUESS = 1_000_000

/**
 * A list of any length, read page by page, newest first, of which what is near is kept: memory does not grow with the length of the list but for a place
 * a page. Its end can be read before what lies between, which then is a gap of about so many rows, and any place in it can be gone to. Rows that change
 * or come meanwhile are put in their places. Knows nothing of the network.
 */
export class PagedRows<Row> {
  readonly #keyOf: (row: Row) => string
  readonly #timeOf: (row: Row) => number
  readonly #parts: (KnownPage<Row> | Gap)[] = []
  #next: string | undefined
  #isEndKnown = false
  #fresh: Row[] = []
  #uses = 0
  readonly #pageOf = new Map<string, KnownPage<Row> | 'fresh'>()

  /** @param timeOf by which the list is ordered. Unix milliseconds */
  constructor(keyOf: (row: Row) => string, timeOf: (row: Row) => number) {
    this.#keyOf = keyOf
    this.#timeOf = timeOf
  }

  /** Rows that there are, new ones and about so many of gaps included. */
  get length(): number {
    const last = this.#parts.at(-1)
    return this.#fresh.length + (last ? last.first + last.length : 0)
  }

  /** Rows that are known of. */
  get known(): number {
    const gaps = this.#parts.reduce((sum, { kind, length }) => sum + (kind === 'gap' ? length : 0), 0)
    return this.length - gaps
  }

  /** Whether its end was read. There may be gaps before it. */
  get isEndKnown(): boolean {
    return this.#isEndKnown
  }

  /** Whether all of it was read. */
  get isComplete(): boolean {
    return this.#isEndKnown && !this.#parts.some(({ kind }) => kind === 'gap')
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** How the page behind the last one is read; undefined: the end is known. */
  get nextReading(): Reading<Row> | undefined {
    const cursor = this.#next
    if (this.#isEndKnown) return undefined
    const put = (page: Page<Row>) => {
      if (!this.#isEndKnown && this.#next === cursor) this.#append(page)
    }
    return { ask: { cursor }, put }
  }

  /** Rows in memory. */
  get kept(): number {
    return this.#parts.reduce(
      (sum, part) => sum + (part.kind === 'page' ? (part.rows?.length ?? 0) : 0),
      this.#fresh.length,
    )
  }

  at(index: number): Row | undefined {
    if (index < this.#fresh.length) return this.#fresh[index]
    const part = this.#partAt(index)
    if (part?.kind !== 'page' || !part.rows) return undefined
    part.usedAt = ++this.#uses
    return part.rows[index - this.#fresh.length - part.first]
  }

  /** How the end of the list is read before all that lies between; undefined: it is known, or nothing is. */
  get endReading(): Reading<Row> | undefined {
    const last = this.#parts.at(-1)
    if (this.#isEndKnown || last?.kind !== 'page') return undefined
    return { ask: { order: 'oldest' }, put: (page) => this.#putEnd(last, page) }
  }

  /** What is to be read for these rows, and for what is near to them; undefined: all are there. */
  wanted(first: number, last: number): Reading<Row> | undefined {
    const from = first - this.#fresh.length
    const to = last - this.#fresh.length
    for (const part of this.#partsWithin(from, to)) {
      if (part.kind === 'gap') return this.#filling(part, Math.max(0, from - part.first))
      if (!part.rows) return this.#readingAgain(part)
    }
    for (const part of this.#partsWithin(to + 1, to + AHEAD_ROWS))
      if (part.kind === 'gap') return this.#filling(part, 0)
    for (const part of this.#partsWithin(from - AHEAD_ROWS, from - 1))
      if (part.kind === 'gap') return this.#filling(part, part.length - 1)
    return undefined
  }

  /**
   * A row that changed, or came.
   * @param isNew whether it may have come to the list just now though it is old; else it is left out where nothing was read, or was given up
   * @returns whether it is where it belongs now; false: it came, and there is no room for it: the list is to be read anew
   */
  upsert(row: Row, isNew = true): boolean {
    const key = this.#keyOf(row)
    const page = this.#pageOf.get(key)
    if (page === 'fresh') this.#fresh = this.#fresh.map((each) => (this.#keyOf(each) === key ? row : each))
    else if (page) page.rows = page.rows?.map((each) => (this.#keyOf(each) === key ? row : each))
    else if (!isNew && this.#isUnread(this.#placeOf(row))) return true
    else if (this.#fresh.length >= MAX_NEW_ROWS) return false
    else {
      this.#fresh = [row, ...this.#fresh]
      this.#pageOf.set(key, 'fresh')
    }
    return true
  }

  has(key: string): boolean {
    return this.#pageOf.has(key)
  }

  /** Whether what stands there is not in memory. */
  #isUnread(place: Place): boolean {
    for (const part of this.#parts) {
      if (part.kind === 'gap' && isBefore(place, part.older)) return true
      if (part.kind === 'page' && !isBefore(part.oldest, place))
        return part.rows === undefined && !isBefore(place, part.newest)
    }
    return !this.#isEndKnown
  }

  /** Rows that are there already, as new ones, are left out. */
  #append({ rows, nextCursor }: Page<Row>): void {
    const ask = this.#next === undefined ? undefined : { cursor: this.#next }
    this.#insert(this.#parts.length, this.#notHeld(rows), ask)
    this.#next = nextCursor
    this.#isEndKnown = nextCursor === undefined
    this.#settle()
  }

  #putEnd(before: KnownPage<Row>, { rows, nextCursor }: Page<Row>): void {
    if (this.#isEndKnown || this.#parts.at(-1) !== before) return
    const found = rows.toReversed()
    const own = this.#notHeld(found).filter((row) => isBefore(before.oldest, this.#placeOf(row)))
    const isMet =
      nextCursor === undefined || found.some((row) => !isBefore(before.oldest, this.#placeOf(row)))
    if (own.length === 0 && !isMet) return
    if (!isMet) {
      const older = this.#placeOf(own[0]!)
      this.#parts.push({
        ...{ kind: 'gap', first: 0, newer: before.oldest, newerCursor: this.#next, olderCursor: nextCursor },
        ...{ older, oldestMs: older.atMs, length: this.#guess(before.oldest, own) },
      })
    }
    this.#insert(this.#parts.length, own, { order: 'oldest' })
    this.#next = undefined
    this.#isEndKnown = true
    this.#settle()
  }

  /**
   * About how many rows lie between: no closer together than at the start or at the end, where they are further apart. Too few are found to be more
   * when they are read; too many would make the scroll bar stand for nothing.
   */
  #guess(newer: Place, own: readonly Row[]): number {
    const [start] = this.#parts as [KnownPage<Row>]
    const head = this.#parts.reduce((sum, { length }) => sum + length, 0)
    const [older, oldest] = [this.#timeOf(own[0]!), this.#timeOf(own.at(-1)!)]
    const spaces = [head - 1, own.length - 1]
    const spans = [start.newest.atMs - newer.atMs, older - oldest]
    const perMs = Math.min(...spaces.map((count, at) => Math.max(1, count) / Math.max(1, spans[at]!)))
    return Math.min(MAX_GUESS, Math.max(NEAR_ROWS, Math.round((newer.atMs - older) * perMs) - 1))
  }

  /** @param offset rows of the gap before the one that is needed */
  #filling(gap: Gap, offset: number): Reading<Row> {
    const between = (rows: readonly Row[]) =>
      this.#notHeld(rows).filter((row) => {
        const place = this.#placeOf(row)
        return isBefore(gap.newer, place) && isBefore(place, gap.older)
      })
    const isAt = () => this.#parts.includes(gap)
    if (offset < NEAR_ROWS) {
      const cursor = gap.newerCursor
      const put = ({ rows, nextCursor }: Page<Row>) => {
        if (!isAt() || gap.newerCursor !== cursor) return
        const isMet = nextCursor === undefined || rows.some((row) => !isBefore(this.#placeOf(row), gap.older))
        const own = between(rows)
        this.#insert(this.#parts.indexOf(gap), own, { cursor })
        if (own.length > 0) gap.newer = this.#placeOf(own.at(-1)!)
        gap.newerCursor = nextCursor
        this.#shrink(gap, isMet ? 0 : Math.max(1, gap.length - own.length))
      }
      return { ask: { cursor }, put }
    }
    if (gap.length - offset <= NEAR_ROWS) {
      const cursor = gap.olderCursor
      const place = cursor ? { cursor } : { createdFromMs: gap.older.atMs }
      const ask = { order: 'oldest', ...place } as const
      const put = ({ rows, nextCursor }: Page<Row>) => {
        if (!isAt() || gap.olderCursor !== cursor) return
        const isMet = nextCursor === undefined || rows.some((row) => !isBefore(gap.newer, this.#placeOf(row)))
        const own = between(rows.toReversed())
        this.#insert(this.#parts.indexOf(gap) + 1, own, ask)
        if (own.length > 0) gap.older = this.#placeOf(own[0]!)
        Object.assign(gap, { olderCursor: nextCursor, oldestMs: gap.older.atMs })
        this.#shrink(gap, isMet ? 0 : Math.max(1, gap.length - own.length))
      }
      return { ask, put }
    }
    const span = gap.newer.atMs - gap.oldestMs
    const createdBeforeMs = Math.ceil(gap.newer.atMs - (span * (offset + 1)) / (gap.length + 1)) + 1
    const put = ({ rows, nextCursor }: Page<Row>) => {
      if (!isAt() || gap.length < offset) return
      const isMet = nextCursor === undefined || rows.some((row) => !isBefore(this.#placeOf(row), gap.older))
      const own = between(rows)
      if (own.length === 0) {
        gap.oldestMs = createdBeforeMs
        return this.#shrink(gap, offset)
      }
      const [newest, oldest] = [this.#placeOf(own[0]!), this.#placeOf(own.at(-1)!)]
      const at = this.#parts.indexOf(gap) + 1
      const rest = Math.max(1, gap.length - offset - own.length)
      if (!isMet) this.#parts.splice(at, 0, { ...gap, length: rest, newer: oldest, newerCursor: nextCursor })
      this.#insert(at, own, { createdBeforeMs })
      Object.assign(gap, { older: newest, olderCursor: undefined, oldestMs: newest.atMs })
      this.#shrink(gap, offset)
    }
    return { ask: { createdBeforeMs }, put }
  }

  #readingAgain(page: KnownPage<Row>): Reading<Row> {
    const { newest, oldest, ask = { createdBeforeMs: newest.atMs + 1 } } = page
    return {
      ask,
      // What has gone from the list meanwhile leaves no hole: its last rows are shown as not loaded.
      put: ({ rows }) => {
        const own = (ask.order === 'oldest' ? rows.toReversed() : rows).filter((row) => {
          const [place, held] = [this.#placeOf(row), this.#pageOf.get(this.#keyOf(row))]
          const isWithin = !isBefore(place, newest) && !isBefore(oldest, place)
          return isWithin && (held === undefined || held === page)
        })
        page.rows = own.slice(0, page.length)
        page.usedAt = ++this.#uses
        for (const row of page.rows) this.#pageOf.set(this.#keyOf(row), page)
        this.#settle()
      },
    }
  }

  #shrink(gap: Gap, length: number): void {
    gap.length = length
    if (length === 0) this.#parts.splice(this.#parts.indexOf(gap), 1)
    this.#settle()
  }

  /** A page that has nothing of its own is passed over. */
  #insert(at: number, rows: Row[], ask: PageAsk | undefined): void {
    if (rows.length === 0) return
    const [newest, oldest] = [this.#placeOf(rows[0]!), this.#placeOf(rows.at(-1)!)]
    const about = { first: 0, length: rows.length, usedAt: ++this.#uses }
    const page: KnownPage<Row> = { kind: 'page', ask, newest, oldest, rows, ...about }
    this.#parts.splice(at, 0, page)
    for (const row of rows) this.#pageOf.set(this.#keyOf(row), page)
  }

  #notHeld(rows: readonly Row[]): Row[] {
    return rows.filter((row) => !this.#pageOf.has(this.#keyOf(row)))
  }

  #placeOf(row: Row): Place {
    return { atMs: this.#timeOf(row), key: this.#keyOf(row) }
  }

  #partAt(index: number): KnownPage<Row> | Gap | undefined {
    const place = index - this.#fresh.length
    return this.#partsWithin(place, place)[0]
  }

  /** The parts that have places from one to another, both included; those of what is new do not count. */
  #partsWithin(from: number, to: number): (KnownPage<Row> | Gap)[] {
    let [low, high] = [0, this.#parts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const { first, length } = this.#parts[middle]!
      if (first + length > from) high = middle
      else low = middle + 1
    }
    let end = low
    while (end < this.#parts.length && this.#parts[end]!.first <= to) end++
    return this.#parts.slice(low, end)
  }

  /** After the parts have changed: each is where those before it end, and what is far is given up. */
  #settle(): void {
    let first = 0
    const kept: KnownPage<Row>[] = []
    for (const part of this.#parts) {
      part.first = first
      first += part.length
      if (part.kind === 'page' && part.rows) kept.push(part)
    }
    if (kept.length <= MAX_PAGES) return
    const oldest = kept.reduce((a, b) => (b.usedAt < a.usedAt ? b : a))
    for (const row of oldest.rows!) this.#pageOf.delete(this.#keyOf(row))
    oldest.rows = undefined
  }
}
