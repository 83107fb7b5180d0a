import t from 'tap'
import { readLarge } from './read-large.ts'

const ROWS = 400
const csvOf = (value: (i: number) => number) =>
  `day,name,value,flag\n${Array.from({ length: ROWS }, (_, i) => `${i},x${i % 7},${value(i).toLocaleString('en-US')},${i % 2}`).join('\n')}\n`

t.test('numbers that are torn apart are put together again in files that are streamed', async (t) => {
  for (const value of [
    (i: number) => 800 + 13 * i,
    (i: number) => 1_000_050 + i,
    (i: number) => (i % 50 === 0 ? 5_040 : i % 100),
  ]) {
    const { tables } = await readLarge(csvOf(value))
    const [table] = tables
    t.same(
      table!.columns.map(({ name }) => name),
      ['day', 'name', 'value', 'flag'],
    )
    t.strictSame(
      table!.columns[2]!.values,
      Array.from({ length: ROWS }, (_, i) => value(i)),
    )
    t.equal(table!.columns[3]!.values.filter((cell) => cell === null).length, 0)
    t.match(table, { whole: { rows: ROWS, copies: 0 } })
    t.equal(table!.losses, undefined)
    t.match(table!.notes.join(' '), /torn apart in \d+ of 400 rows; they were put together again/)
  }
})

/** In `from` and `to` beside each other, `1,200,300` may be 1,200 and 300, or 1 and 200,300. */
const pairsOf = (isLong: (i: number) => boolean) =>
  `name,day,from,to\n${Array.from({ length: ROWS }, (_, i) => (isLong(i) ? `x${i},d,1,2${String(i).padStart(3, '0').slice(1)},${300 + (i % 90)}` : `x${i},d,${i % 5 ? 40 : '"1,500"'},${i % 90}`)).join('\n')}\nx,d,$1,234.50,7\n`

t.test('cells that may belong together in several ways are empty, and told', async (t) => {
  const [table] = (await readLarge(pairsOf((i) => i % 40 === 0))).tables
  t.equal(table!.whole!.rows, ROWS + 1)
  t.equal(table!.columns[2]!.values[0], null)
  t.equal(table!.columns[2]!.values[1], 40)
  t.match(table!.losses, [/10 of 401 rows hold numbers .*"from" and "to" were left empty there.*in quotes/])
})

t.test('columns of which too many cells are unclear are set aside', async (t) => {
  const [table] = (await readLarge(pairsOf((i) => i % 3 === 0))).tables
  t.same(
    table!.columns.map(({ name }) => name),
    ['name', 'day'],
  )
  t.match(table!.losses, [
    /^\d+ of 401 rows have more cells than the 4 columns that are named: numbers with commas .*: "from" and "to" were set aside as a whole.*in quotes/,
  ])
})

t.test('where no column is left the file is refused', async (t) => {
  const rows = Array.from(
    { length: ROWS },
    (_, i) => `1,2${String(i % 90).padStart(2, '1')},${300 + (i % 90)},456,789`,
  )
  await t.rejects(readLarge(`value,other,more\n${rows.join('\n')}\n`), {
    code: 'BROKEN_FILE',
    message: /"value", "other" and "more" were set aside/,
  })
})

t.test('numbers in quotes are no loss', async (t) => {
  const rows = Array.from({ length: ROWS }, (_, i) => `x${i},"${(i * 1_037).toLocaleString('en-US')}"`)
  const { tables } = await readLarge(`name,value\n${rows.join('\n')}\n`)
  t.equal(tables[0]!.columns.length, 2)
  t.equal(tables[0]!.losses, undefined)
})
