import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../analysis/sample-documents.ts'

const prepare = (columns: Column[], name = 'a.csv') =>
  prepareTable('a.csv', { name, rows: columns[0]!.values.length, columns, notes: [] })
const number = (name: string, values: Column['values']) => column(name, 'number', values)
const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)
const days = (count: number) => range(count).map((i) => Date.UTC(2024, 0, 1 + i))
const noise = (count: number) => range(count).map((i) => ((i * 37) % 17) / 3)

t.test('a year and its parts are one time', async (t) => {
  const years = range(24).map((i) => 2020 + Math.floor(i / 12))
  const months = range(24).map((i) => (i % 12) + 1)
  const monthly = prepare([number('Year', years), number('Month', months), number('x', noise(24))])
  t.match(monthly.axis, { kind: 'time', columns: ['Year', 'Month'], granularity: 'month' })
  t.equal(monthly.timeMs?.[13], Date.UTC(2021, 1, 1))
  t.equal(monthly.labelOf(13), 'February 2021')

  const quarters = prepare([
    number('year', [2020, 2020, 2021]),
    column('quarter', 'category', ['Q1', 'Q4', 'Q2']),
    number('x', [1, 2, 3]),
  ])
  t.equal(quarters.labelOf(1), 'Q4 2020')

  const daily = prepare([
    number('year', [2024, 2024, 2024, 2023]),
    number('month', [2, 2, 3, 2]),
    number('day', [28, 29, 1, 29]),
    number('x', [1, 2, 3, 4]),
  ])
  t.equal(daily.labelOf(1), '2024-02-29')
  t.ok(Number.isNaN(daily.timeMs?.[3]), '29 February of another year is no day')

  const weekly = prepare([number('year', [2021, 2020]), number('week', [4, 53]), number('x', [1, 2])])
  t.equal(weekly.labelOf(0), '2021-W04')
  t.equal(weekly.labelOf(1), '2020-W53')

  const oneYear = prepare([
    number('year', [2020, 2020, 2020]),
    number('month', [1, 2, 3]),
    number('x', [1, 5, 3]),
  ])
  t.equal(oneYear.labelOf(2), 'March 2020')
})

t.test('a date with an hour', async (t) => {
  const dates = range(48).map((i) => Date.UTC(2024, 0, 1 + Math.floor(i / 24)))
  const table = prepare([
    column('date', 'temporal', dates),
    number(
      'hr',
      range(48).map((i) => i % 24),
    ),
    number('x', noise(48)),
  ])
  t.match(table.axis, { columns: ['date', 'hr'], granularity: 'time' })
  t.equal(table.labelOf(25), '2024-01-02 01:00')
})

t.test('firsts of months are months, dates a week apart weeks, whatever they are written as', async (t) => {
  const dated = (dates: number[]) =>
    prepare([column('date', 'temporal', dates), number('x', noise(dates.length))])
  const months = dated(range(12).map((i) => Date.UTC(2024, i, 1)))
  t.equal(months.structure.granularity, 'month')
  t.equal(months.labelOf(6), 'July 2024')
  const weeks = dated(range(12).map((i) => Date.UTC(2024, 0, 1 + 7 * i)))
  t.equal(weeks.structure.granularity, 'week')
  t.equal(weeks.labelOf(1), '2024-01-08', 'shown as it was written')
  t.equal(dated(days(12)).structure.granularity, 'day')
})

t.test('dates of a life are no axis of what was observed', async (t) => {
  const born = column('birth_date', 'temporal', days(10))
  t.equal(prepare([born, number('x', noise(10))]).axis, null)
  const seen = column('visit date', 'temporal', days(10).toReversed())
  t.match(prepare([born, seen, number('x', noise(10))]).axis, { columns: ['visit date'] })
})

t.test('steps order rows without a time', async (t) => {
  const steps = prepare([
    number(
      'step',
      range(20).map((i) => 100 * i),
    ),
    number('loss', noise(20)),
  ])
  t.match(steps.axis, { kind: 'sequence', columns: ['step'] })
  t.equal(steps.timeMs, null)
  t.equal(steps.labelOf(3), 'step 300')
  t.equal(steps.columns[0]?.role, 'time')
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul']
  t.equal(prepare([column('month', 'text', names), number('rain', noise(7))]).labelOf(2), 'Mar')
  t.match(prepare([number('v', noise(20))], 'signal.csv').axis, { kind: 'sequence', columns: [] })
})

t.test('nothing else does', async (t) => {
  t.equal(prepare([number('id', range(20)), number('v', noise(20))]).axis, null, 'numbered rows')
  t.equal(
    prepare([number('points', range(20).toReversed()), number('v', noise(20))]).axis,
    null,
    'sorted rows',
  )
  t.equal(prepare([number('v', range(20))]).axis, null)
  t.equal(prepare([number('hours', noise(20)), number('v', range(20))]).axis, null, 'hours of what was done')
})
