import t from 'tap'
import { leftoverName, valueName } from '../../../../../services/agents/report/ingest/large/typed-file.ts'
import { openTypedInput } from './typed-input.ts'

const { engine, typed } = await openTypedInput()
t.teardown(() => engine.close())
const hundred = (cell: (i: number) => string) => Array.from({ length: 100 }, (_, i) => cell(i))

t.test('names of values and of leftovers', async (t) => {
  t.same([valueName(3), leftoverName(3)], ['v3', 'l3'])
})

t.test('values, what has none, and the numbers of rows', async (t) => {
  const { file } = await typed(
    {
      word: hundred((i) => 'pqr'[i % 3]!),
      day: hundred((i) => `2021-03-${10 + (i % 19)}`),
      x: hundred(String),
    },
    { word: ['s', null], day: ['2021-04-01', 'soon'], x: ['7', ' oops '] },
  )
  t.match(file, { rows: 102, others: 0, timeColumn: 1 })
  t.same(
    file.columns.map(({ isNumeric }) => isNumeric),
    [false, true, true],
  )
  t.same(
    await engine.rows(
      `SELECT row_number, v0, v1, l1, v2, l2 FROM ${file.from([0, 1, 2], [1, 2])} WHERE row_number > 100 ORDER BY 1`,
    ),
    [
      [101, 's', Date.UTC(2021, 3, 1), null, 7, null],
      [102, null, null, 'soon', null, 'oops'],
    ],
  )
})

t.test('what the quick expression leaves, the reader reads', async (t) => {
  const { file, columns } = await typed({ x: hundred(String) }, { x: ['1,234', '$8', '5'] })
  t.equal(columns[0]!.isComplete, false)
  const rows = await engine.rows(
    `SELECT v0, l0 FROM ${file.from([0], [0])} WHERE row_number > 100 ORDER BY row_number`,
  )
  t.same(rows, [
    [1234, null],
    [8, null],
    [5, null],
  ])
})

t.test('many columns lie in parts, which are joined where a question is about several', async (t) => {
  const cells = Object.fromEntries(
    Array.from({ length: 130 }, (_, k) => [`x${k}`, hundred((i) => String(i * (k + 1)))]),
  )
  const { file } = await typed(cells, {
    ...Object.fromEntries(Object.keys(cells).map((name) => [name, ['1']])),
    x120: ['oops'],
  })
  t.same(
    file.parts.map((part) => [part[0], part.length]),
    [
      [0, 100],
      [100, 30],
    ],
  )
  const sql = (from: string) =>
    `SELECT row_number, v3, v120, l120 FROM ${from} WHERE row_number > 99 ORDER BY 1`
  t.same(await engine.rows(sql(file.from([3, 120], [120]))), [
    [100, 396, 11_979, null],
    [101, 1, null, 'oops'],
  ])
  t.same(await engine.rows(sql(file.without([100]).from([3, 120], [120]))), [[101, 1, null, 'oops']])
  t.same(await engine.rows(`SELECT count(row_hash) FROM ${file.from([])}`), [[101]])
})
