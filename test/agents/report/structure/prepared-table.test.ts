import t from 'tap'
import type { Column, Table } from '#schemas/document.ts'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../analysis/sample-documents.ts'

const prepare = (...columns: Column[]) =>
  prepareTable('a.csv', {
    name: 'a.csv',
    rows: columns[0]!.values.length,
    columns,
    notes: [],
  } satisfies Table)

t.test('missing values are taken out, and rows stay known', async (t) => {
  const { numeric, rows } = prepare(column('x', 'number', [5, null, 'n/a', 3]))
  t.equal(rows, 4)
  t.match(numeric[0], { name: 'x', role: 'measure', missing: 2 })
  t.strictSame([...numeric[0]!.values], [5, 3])
  t.strictSame([...numeric[0]!.rows], [0, 3])
  t.strictSame([...numeric[0]!.ranking().order], [1, 0])
  t.equal(numeric[0]!.ranking(), numeric[0]!.ranking(), 'sorted once')
})

t.test('categories are numbered by frequency, then by name', async (t) => {
  const { categories } = prepare(column('c', 'category', ['b', 'a', null, 'b', 'c']))
  t.match(categories[0], { names: ['b', 'a', 'c'], counts: [2, 1, 1], missing: 1 })
  t.strictSame([...categories[0]!.groups], [0, 1, -1, 0, 2])
})

t.test('the axis of time: a column of times or of years that most rows have', async (t) => {
  const at = (day: number) => Date.UTC(2024, 0, day)
  const timed = prepare(
    column('x', 'number', [1, 4, 2]),
    column('when', 'temporal', [at(1), at(2) + 3_600_000, at(3)]),
  )
  t.strictSame([...timed.timeMs!], [at(1), at(2) + 3_600_000, at(3)])
  t.equal(timed.labelOf(0), '2024-01-01')
  t.equal(timed.labelOf(1), '2024-01-02 01:00')
  const years = prepare(column('year', 'number', [1999, 2001]))
  t.equal(years.labelOf(1), '2001', 'a year is no day')
  t.strictSame([...years.timeMs!], [Date.UTC(1999, 0, 1), Date.UTC(2001, 0, 1)])
  t.equal(prepare(column('when', 'temporal', [at(1), at(1)])).timeMs, null, 'always the same')
  t.equal(prepare(column('when', 'temporal', [at(1), null, at(2)])).timeMs, null, 'too few')
})

t.test('without a time rows are named by a column of words that tells them apart', async (t) => {
  const named = prepare(column('city', 'text', ['Rome', 'Oslo']), column('x', 'number', [1, 2]))
  t.equal(named.labelOf(1), 'Oslo')
  t.equal(named.labelOf(7), undefined)
  t.equal(prepare(column('kind', 'category', ['a', 'a', 'a'])).labelOf(0), undefined)
})
