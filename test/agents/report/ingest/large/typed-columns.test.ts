import t from 'tap'
import { openTypedInput } from './typed-input.ts'

const { engine, typed } = await openTypedInput()
t.teardown(() => engine.close())
const hundred = (cell: (i: number) => string) => Array.from({ length: 100 }, (_, i) => cell(i))

t.test('each kind has an expression that reads its cells as its reader does', async (t) => {
  const { columns, file } = await typed({
    plain: hundred((i) => `${i / 4}`),
    thousands: hundred((i) => `${1 + (i % 9)},${100 + i}`),
    priced: hundred((i) => `$${i}.50`),
    day: hundred((i) => `${10 + (i % 19)}.03.2021`),
    word: hundred((i) => 'pqr'[i % 3]!),
    flag: hundred((i) => ['yes', 'no'][i % 2]!),
  })
  t.same(
    columns.map(({ kind, isComplete }) => [kind, isComplete]),
    [
      ['number', false],
      ['number', false],
      ['number', false],
      ['temporal', false],
      ['category', true],
      ['boolean', false],
    ],
  )
  const [row] = await engine.rows(
    `SELECT v0, v1, v2, v3, v4, v5 FROM ${file.from([0, 1, 2, 3, 4, 5])} WHERE row_number = 4`,
  )
  t.same(row, [0.75, 4103, 3.5, Date.UTC(2021, 2, 13), 'p', 0])
})

t.test('values that stand for nothing are none, and neither are marks among words', async (t) => {
  const { file, table } = await typed({
    celsius: hundred((i) => (i % 10 === 3 ? '-999' : `${i / 10}`)),
    word: hundred((i) => (i % 10 === 3 ? ' N/A ' : ` ${'pqr'[i % 3]} `)),
  })
  t.same(
    table.columns.map(({ kind }) => kind),
    ['number', 'category'],
  )
  t.same(await engine.rows(`SELECT count(v0), min(v0), count(v1), max(v1) FROM ${file.from([0, 1])}`), [
    [90, 0, 90, 'r'],
  ])
})
