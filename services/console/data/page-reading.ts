/** One page of a list that is read by cursor. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor?: string | undefined
}

/** What is said to read a page: where it begins. From the oldest row on, it goes the other way. */
export interface PageAsk {
  readonly order?: 'oldest'
  readonly cursor?: string | undefined
  readonly createdFromMs?: number
  readonly createdBeforeMs?: number
}

/** A page that is needed, and where it is put. */
export interface Reading<Row> {
  readonly ask: PageAsk
  put(page: Page<Row>): void
}

/** Where a row stands: newest first; of the same millisecond, the larger key first. */
export interface Place {
  /** Unix milliseconds. */
  readonly atMs: number
  readonly key: string
}

/** Whether a place comes before another one in such a list. Pure. */
export function isBefore(a: Place, b: Place): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.key > b.key)
}
