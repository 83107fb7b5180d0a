/** One page of a list that is read by cursor. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor?: string | undefined
}

interface KnownPage<Row> {
  /** Undefined for the first. */
  readonly cursor: string | undefined
  /** Where its first row stands in the list, without what is new. */
  readonly first: number
  readonly length: number
  /** Undefined: given up, since it is far from what is seen. */
  rows: Row[] | undefined
  usedAt: number
}

/** Pages whose rows are kept. Those used longest ago go first; their cursors stay, so that they can be read again. */
const MAX_PAGES = 60
/** What came since the first page was read and is shown before it. More than this: the list is better read anew. */
export const MAX_NEW_ROWS = 2000

/**
 * A list of any length, read page by page by cursor, newest first, of which what is near is kept: memory does not grow with the length of the list
 * but for a cursor a page. Rows that change or come meanwhile are put in their places. Knows nothing of the network.
 */
export class PagedRows<Row> {
  readonly #keyOf: (row: Row) => string
  #pages: KnownPage<Row>[] = []
  #next: string | undefined
  #isComplete = false
  #fresh: Row[] = []
  #uses = 0
  readonly #places = new Map<string, KnownPage<Row> | 'fresh'>()

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf
  }

  /** Rows that are known of, new ones included. */
  get length(): number {
    const last = this.#pages.at(-1)
    return this.#fresh.length + (last ? last.first + last.length : 0)
  }

  /** Whether its end was read. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  get isEmpty(): boolean {
    return this.#pages.length === 0
  }

  /** The cursor of the page behind the last one; undefined for the first. */
  get nextCursor(): string | undefined {
    return this.#next
  }

  /** Rows in memory. */
  get kept(): number {
    return this.#fresh.length + this.#pages.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0)
  }

  at(index: number): Row | undefined {
    if (index < this.#fresh.length) return this.#fresh[index]
    const page = this.#pageAt(index)
    if (!page?.rows) return undefined
    page.usedAt = ++this.#uses
    return page.rows[index - this.#fresh.length - page.first]
  }

  /** Adds the page that was read with `nextCursor`. Rows that are there already, as new ones, are left out. */
  append({ rows, nextCursor }: Page<Row>): void {
    const last = this.#pages.at(-1)
    const own = rows.filter((row) => !this.#places.has(this.#keyOf(row)))
    const page: KnownPage<Row> = {
      cursor: this.#next,
      first: last ? last.first + last.length : 0,
      length: own.length,
      rows: own,
      usedAt: ++this.#uses,
    }
    // A page that has nothing of its own is passed over.
    if (own.length > 0) this.#pages.push(page)
    for (const row of own) this.#places.set(this.#keyOf(row), page)
    this.#next = nextCursor
    this.#isComplete = nextCursor === undefined
    this.#giveUpFar()
  }

  /** The cursor of a page that was given up and is needed for these rows; undefined: all are there. */
  missing(first: number, last: number): { cursor: string | undefined; index: number } | undefined {
    for (const index of [first, Math.floor((first + last) / 2), last]) {
      const page = index < this.#fresh.length ? undefined : this.#pageAt(index)
      if (page && !page.rows) return { cursor: page.cursor, index: page.first }
    }
    return undefined
  }

  /** Puts a page back that was given up. What has gone from the list meanwhile leaves no hole: its last rows are shown as not loaded. */
  restore(index: number, rows: readonly Row[]): void {
    const page = this.#pages.find(({ first }) => first === index)
    if (!page) return
    const own = rows.filter((row) => {
      const place = this.#places.get(this.#keyOf(row))
      return place === undefined || place === page
    })
    page.rows = own.slice(0, page.length)
    page.usedAt = ++this.#uses
    for (const row of page.rows) this.#places.set(this.#keyOf(row), page)
    this.#giveUpFar()
  }

  /**
   * A row that changed, or came.
   * @returns whether it is in the list now; false: it came, and there is no room for it: the list is to be read anew
   */
  upsert(row: Row): boolean {
    const key = this.#keyOf(row)
    const place = this.#places.get(key)
    if (place === 'fresh') this.#fresh = this.#fresh.map((each) => (this.#keyOf(each) === key ? row : each))
    else if (place) place.rows = place.rows?.map((each) => (this.#keyOf(each) === key ? row : each))
    else if (this.#fresh.length >= MAX_NEW_ROWS) return false
    else {
      this.#fresh = [row, ...this.#fresh]
      this.#places.set(key, 'fresh')
    }
    return true
  }

  has(key: string): boolean {
    return this.#places.has(key)
  }

  #pageAt(index: number): KnownPage<Row> | undefined {
    const place = index - this.#fresh.length
    let low = 0
    let high = this.#pages.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const page = this.#pages[middle]!
      if (place < page.first) high = middle - 1
      else if (place >= page.first + page.length) low = middle + 1
      else return page
    }
    return undefined
  }

  #giveUpFar(): void {
    const kept = this.#pages.filter(({ rows }) => rows !== undefined)
    if (kept.length <= MAX_PAGES) return
    const [oldest] = kept.toSorted((a, b) => a.usedAt - b.usedAt)
    for (const row of oldest!.rows!) this.#places.delete(this.#keyOf(row))
    oldest!.rows = undefined
  }
}
