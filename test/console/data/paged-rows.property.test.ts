import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { MAX_NEW_ROWS, PagedRows } from '../../../services/console/data/paged-rows.ts'

interface Row {
  id: string
  value: number
}
const row = (id: string | number, value = 0): Row => ({ id: String(id), value })
const list = () => new PagedRows<Row>(({ id }) => id)

/** Reads a list of so many rows page by page to its end. */
function readAll(rows: PagedRows<Row>, count: number, page: number): void {
  for (let from = 0; from < count || count === 0; from += page) {
    const until = Math.min(count, from + page)
    const some = Array.from({ length: until - from }, (_, index) => row(from + index))
    rows.append({ rows: some, ...(until < count && { nextCursor: String(until) }) })
    if (until >= count) break
  }
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

t.test('a million rows: what is far is given up and can be put back', async (t) => {
  const rows = list()
  readAll(rows, 1_000_000, 250)
  t.equal(rows.length, 1_000_000)
  t.ok(rows.kept <= 60 * 250, `${rows.kept} are kept`)
  t.equal(rows.at(0), undefined, 'the first page is far')
  const missing = rows.missing(0, 40)
  t.strictSame(missing, { cursor: undefined, index: 0 })
  rows.restore(
    0,
    Array.from({ length: 250 }, (_, index) => row(index, 7)),
  )
  t.strictSame(rows.at(3), row(3, 7))
  t.equal(rows.missing(0, 40), undefined)
  t.strictSame(rows.at(999_999), row(999_999))
  const far = rows.missing(500_000, 500_040)
  t.strictSame(far, { cursor: '500000', index: 500_000 })
})

t.test('more new rows than fit: the list is to be read anew', async (t) => {
  const rows = list()
  for (let index = 0; index < MAX_NEW_ROWS; index++) rows.upsert(row(`n${index}`))
  t.notOk(rows.upsert(row('one more')))
  t.ok(rows.upsert(row('n0', 5)), 'one that is there changes all the same')
  t.equal(rows.at(MAX_NEW_ROWS - 1)?.value, 5)
})

t.test('a row that came as new is not shown again by the page that has it', async (t) => {
  const rows = list()
  rows.upsert(row('a', 1))
  rows.append({ rows: [row('a'), row('b')] })
  t.strictSame([rows.at(0), rows.at(1), rows.length], [row('a', 1), row('b'), 2])
})
