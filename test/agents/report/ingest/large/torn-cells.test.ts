import t from 'tap'
import { readLarge } from './read-large.ts'

const ROWS = 400
const csvOf = (value: (i: number) => number) =>
  `day,name,value,flag\n${Array.from({ length: ROWS }, (_, i) => `${i},x${i % 7},${value(i).toLocaleString('en-US')},${i % 2}`).join('\n')}\n`

t.test('columns that many torn rows move are set aside in files that are streamed', async (t) => {
  for (const value of [(i: number) => 800 + 13 * i, (i: number) => 1_000_050 + i]) {
    const { tables } = await readLarge(csvOf(value))
    const [table] = tables
    t.same(
      table!.columns.map(({ name }) => name),
      ['day', 'name'],
    )
    t.match(table, { whole: { rows: ROWS, columns: [{}, {}], copies: 0 } })
    t.match(table!.losses, [
      /^\d+ of 400 rows have more cells than the 4 columns that are named: numbers with commas .*: "value" and "flag" were set aside as a whole.*in quotes/,
    ])
    t.equal(table!.losses?.length, 1)
  }
})

t.test('of few torn rows the cells are empty, and no value is in a wrong column', async (t) => {
  const { tables } = await readLarge(csvOf((i) => (i % 50 === 0 ? 5_040 : i % 100)))
  const [table] = tables
  const [, , value, flag] = table!.columns
  t.equal(table!.whole!.rows, ROWS)
  t.strictSame(
    value!.values,
    Array.from({ length: ROWS }, (_, i) => (i % 50 === 0 ? null : i % 100)),
  )
  t.equal(flag!.values.filter((cell) => cell === null).length, 8)
  t.match(table!.losses, [/^8 of 400 rows have more cells .* from "value" on were left empty there/])
})

t.test('where no column is left the file is refused', async (t) => {
  const rows = Array.from({ length: ROWS }, (_, i) => `${(i * 1_037 + 50).toLocaleString('en-US')},x`)
  await t.rejects(readLarge(`value,name\n${rows.join('\n')}\n`), {
    code: 'BROKEN_FILE',
    message: /"value" and "name" were set aside/,
  })
})

t.test('numbers in quotes are no loss', async (t) => {
  const rows = Array.from({ length: ROWS }, (_, i) => `x${i},"${(i * 1_037).toLocaleString('en-US')}"`)
  const { tables } = await readLarge(`name,value\n${rows.join('\n')}\n`)
  t.equal(tables[0]!.columns.length, 2)
  t.equal(tables[0]!.losses, undefined)
})
