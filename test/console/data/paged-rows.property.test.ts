import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { isBefore, type PageAsk, type Reading } from '../../../services/console/data/page-reading.ts'
import { MAX_NEW_ROWS, PagedRows } from '../../../services/console/data/paged-rows.ts'

interface Row {
  id: string
  atMs: number
  value: number
}
const NEWEST_MS = 1_000_000_000
const row = (id: string | number, value = 0): Row => ({ id: String(id), atMs: NEWEST_MS - Number(id), value })
const list = () =>
  new PagedRows<Row>(
    ({ id }) => id,
    ({ atMs }) => atMs,
  )
const placeOf = ({ id, atMs }: Row) => ({ atMs, key: id })

/** Answers as the API does: newest first or the other way round, from a place on. `asked`: how often. */
function serverOf(rows: readonly Row[]) {
  const newestFirst = rows.toSorted((a, b) => (isBefore(placeOf(a), placeOf(b)) ? -1 : 1))
  const oldestFirst = newestFirst.toReversed()
  const orders = { newest: newestFirst, oldest: oldestFirst }
  const places = {
    newest: new Map(newestFirst.map(({ id }, at) => [id, at])),
    oldest: new Map(oldestFirst.map(({ id }, at) => [id, at])),
  }
  let asked = 0
  const ways = { byTime: 0, upward: 0 }
  const answer = (
    {
      order = 'newest',
      cursor,
      createdFromMs = 0,
      createdBeforeMs = Number.POSITIVE_INFINITY,
    }: Omit<PageAsk, 'order'> & {
      order?: 'newest' | 'oldest'
    },
    limit: number,
  ) => {
    asked++
    if (createdBeforeMs < Number.POSITIVE_INFINITY) ways.byTime++
    if (order === 'oldest') ways.upward++
    const all = orders[order]
    const isBehind = ({ atMs }: Row) => (order === 'newest' ? atMs < createdBeforeMs : atMs >= createdFromMs)
    const from = cursor === undefined ? firstOf(all, isBehind) : places[order].get(cursor)! + 1
    const some = all
      .slice(from, from + limit + 1)
      .filter(({ atMs }) => atMs >= createdFromMs && atMs < createdBeforeMs)
    const page = some.slice(0, limit)
    return { rows: page, ...(some.length > limit && { nextCursor: page.at(-1)!.id }) }
  }
  const fill = ({ ask, put }: Reading<Row>, limit: number) => put(answer(ask, limit))
  /** Reads what is seen, as often as it takes. */
  const readSeen = (paged: PagedRows<Row>, first: number, last: number, limit: number) => {
    for (let turn = 0; turn < 2000; turn++) {
      const reading = paged.wanted(first, last)
      if (!reading) return
      fill(reading, limit)
    }
    throw new Error('it does not come to an end')
  }
  return {
    newestFirst,
    fill,
    readSeen,
    asked: () => asked,
    ways,
    indexOf: ({ id }: Row) => places.newest.get(id)!,
  }
}

/** The first of a sorted list of which it is true, and of all behind it. */
function firstOf(all: readonly Row[], isTrue: (row: Row) => boolean): number {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isTrue(all[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Reads a list of so many rows page by page to its end. */
function readAll(rows: PagedRows<Row>, count: number, page: number): void {
  const { fill } = serverOf(Array.from({ length: count }, (_, index) => row(index)))
  for (let next = rows.nextReading; next; next = rows.nextReading) fill(next, page)
}

t.test('every row is at its place, new ones first, and each is there once', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 5, max: 50 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.nat(9)), { maxLength: 60 }),
      (count, page, changes) => {
        const rows = list()
        readAll(rows, count, page)
        const values = new Map(Array.from({ length: count }, (_, index) => [String(index), 0]))
        const fresh: string[] = []
        for (const [id, value] of changes) {
          if (!values.has(String(id))) fresh.unshift(String(id))
          values.set(String(id), value)
          assert.ok(rows.upsert(row(id, value)))
        }
        const wanted = [...fresh, ...Array.from({ length: count }, (_, index) => String(index))]
        assert.strictEqual(rows.length, wanted.length)
        assert.deepStrictEqual(
          Array.from({ length: rows.length }, (_, index) => rows.at(index)),
          wanted.map((id) => row(id, values.get(id))),
        )
        assert.ok(rows.isComplete)
      },
    ),
  )
})

t.test('wherever it is gone to, what is seen is what is there, in order, and each once', async (t) => {
  const ways = { byTime: 0, upward: 0 }
  // Many at the same time, and long pauses.
  const stretch = fc.tuple(fc.nat(3), fc.constantFrom(0, 1, 1, 50, 20_000))
  const shares = fc.array(
    fc.nat(1000).map((n) => n / 1000),
    { maxLength: 8 },
  )
  const property = fc.property(
    fc.array(stretch, { minLength: 20, maxLength: 40 }),
    fc.integer({ min: 40, max: 120 }),
    shares,
    (drawn, page, jumps) => {
      let atMs = NEWEST_MS
      const all = Array.from({ length: 30 }, () => drawn)
        .flat()
        .flatMap(([same, pause], n) => {
          atMs -= pause
          return Array.from({ length: same * 4 + 1 }, (_, i) => ({ id: `t${n}x${i}`, atMs, value: 0 }))
        })
      const server = serverOf(all)
      const rows = list()
      server.fill(rows.nextReading!, page)
      if (rows.endReading) server.fill(rows.endReading, page)
      for (const share of [1, ...jumps]) {
        const first = Math.floor(share * Math.max(0, rows.length - 20))
        server.readSeen(rows, first, Math.min(rows.length - 1, first + 20), page)
        assertInOrder(rows, server.indexOf)
      }
      for (let length = -1; length !== rows.length; ) {
        length = rows.length
        server.readSeen(rows, Math.max(0, length - 20), length - 1, page)
      }
      assert.strictEqual(
        rows.at(rows.length - 1)?.id,
        server.newestFirst.at(-1)!.id,
        'the oldest is the last',
      )
      // From the first to the last, all of it.
      for (let first = 0; first < rows.length; first += 10) server.readSeen(rows, first, first + 20, page)
      assert.ok(rows.isComplete)
      assert.strictEqual(rows.length, all.length)
      ways.byTime += server.ways.byTime
      ways.upward += server.ways.upward
    },
  )
  fc.assert(property, { numRuns: 15 })
  t.ok(ways.byTime > 10, `gone to by time ${ways.byTime} times`)
  t.ok(ways.upward > 10, `read upward ${ways.upward} times`)
})

/** What stands next to each other does so where it comes from: only a gap is between others. */
function assertInOrder(rows: PagedRows<Row>, indexOf: (row: Row) => number): void {
  const seen = Array.from({ length: rows.length }, (_, index) => rows.at(index))
  let before: number | undefined
  for (const [index, each] of seen.entries()) {
    if (!each) continue
    const at = indexOf(each)
    if (seen[index - 1]) assert.strictEqual(at, before! + 1, 'next to each other')
    else if (before !== undefined) assert.ok(at > before, 'in order')
    before = at
  }
}

t.test('a million rows: the end, the middle and the start are a few pages away', async (t) => {
  const server = serverOf(Array.from({ length: 1_000_000 }, (_, index) => row(index)))
  const rows = list()
  server.fill(rows.nextReading!, 100)
  server.fill(rows.endReading!, 100)
  t.equal(server.asked(), 2)
  t.equal(rows.length, 1_000_000, 'evenly spread, the guess is right')
  t.equal(rows.known, 200)
  t.notOk(rows.isComplete)
  t.strictSame(rows.at(rows.length - 1), row(999_999))
  const readFor = (first: number) => {
    const before = server.asked()
    server.readSeen(rows, first, first + 25, 500)
    return server.asked() - before
  }
  t.ok(readFor(500_000) <= 2)
  t.strictSame(rows.at(500_010), row(500_010))
  t.ok(readFor(0) <= 1, 'the start is still there')
  for (let jump = 1; jump <= 90; jump++) readFor(jump * 9_000)
  t.ok(rows.kept <= 60 * 500, `${rows.kept} are kept`)
  t.equal(rows.at(10), undefined, 'the start was given up')
  t.ok(readFor(0) <= 2)
  t.strictSame(rows.at(10), row(10))
})

t.test('rows that were read to the end: what is far is given up and is read again', async (t) => {
  const rows = list()
  readAll(rows, 100_000, 250)
  t.equal(rows.length, 100_000)
  t.ok(rows.kept <= 60 * 250, `${rows.kept} are kept`)
  t.equal(rows.at(0), undefined, 'the first page is far')
  const again = rows.wanted(0, 40)!
  t.strictSame(again.ask, { createdBeforeMs: NEWEST_MS + 1 })
  again.put({ rows: Array.from({ length: 250 }, (_, index) => row(index, 7)), nextCursor: '249' })
  t.strictSame(rows.at(3), row(3, 7))
  t.equal(rows.wanted(0, 40), undefined)
  t.strictSame(rows.at(99_999), row(99_999))
  t.strictSame(rows.wanted(50_000, 50_040)?.ask, { cursor: '49999' })
})

t.test('an old row that changes is no new one where nothing was read', async (t) => {
  const server = serverOf(Array.from({ length: 10_000 }, (_, index) => row(index)))
  const rows = list()
  server.fill(rows.nextReading!, 100)
  t.ok(rows.upsert(row(5000, 1), false), 'behind what was read')
  server.fill(rows.endReading!, 100)
  t.ok(rows.upsert(row(5000, 1), false), 'in a gap')
  t.equal(rows.known, 200)
  t.ok(rows.upsert(row(5000, 1)), 'one that may have come just now')
  t.strictSame([rows.known, rows.at(0)], [201, row(5000, 1)])
  t.ok(rows.upsert({ id: 'between', atMs: NEWEST_MS - 50, value: 0 }, false), 'among what was read')
  t.equal(rows.at(0)?.id, 'between')
  server.readSeen(rows, 5000, 5030, 500)
  t.notOk(
    Array.from({ length: 10_000 }, (_, index) => rows.at(index + 2)).some((each) => each?.id === '5000'),
    'and it is shown once',
  )
})

t.test('more new rows than fit: the list is to be read anew', async (t) => {
  const rows = list()
  for (let index = 0; index < MAX_NEW_ROWS; index++) rows.upsert(row(index))
  t.notOk(rows.upsert(row(MAX_NEW_ROWS)))
  t.ok(rows.upsert(row(0, 5)), 'one that is there changes all the same')
  t.equal(rows.at(MAX_NEW_ROWS - 1)?.value, 5)
})
