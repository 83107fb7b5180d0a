import t from 'tap'
import { readTimes } from '../../../../../services/agents/report/ingest/data/temporal-column.ts'

const days = (n: number, at: (i: number) => string) => Array.from({ length: n }, (_, i) => at(i))
const two = (n: number) => String(n).padStart(2, '0')

t.test('one format for most cells, clear ones for the rest', async (t) => {
  const mixed = readTimes(
    'd',
    days(20, (i) => (i % 5 ? `2021-01-${two(i + 1)}` : `${two(i + 1)}.01.2021`)),
  )
  t.match(mixed, {
    column: { granularity: 'day', malformedCount: 0 },
    notes: [/4 dates are written in another way/],
  })
  t.equal(mixed.column?.values[0], Date.UTC(2021, 0, 1))
})

t.test('days that do not exist and years that cannot be meant', async (t) => {
  const slip = readTimes(
    'd',
    days(20, (i) => (i === 4 ? '2021-02-31' : `2021-01-${two(i + 1)}`)),
  )
  t.match(slip, { column: { malformedCount: 1 }, notes: [/1 date does not exist \(2021-02-31\)/] })
  const far = readTimes(
    'd',
    days(20, (i) => (i === 4 ? '2203-01-05' : `2023-01-${two(i + 1)}`)),
  )
  t.match(far, { notes: [/1 date lies decades from all others \(2203-01-05 in row 5\)/] })
  t.equal(far.column?.values[4], null)
  const births = readTimes(
    'born',
    days(40, (i) => `${1930 + i * 2}-05-01`),
  )
  t.strictSame(births.notes, [], 'a long period is none')
})

t.test('orders that cannot be told', async (t) => {
  const either = readTimes(
    'd',
    days(9, (i) => `0${i + 1}/0${(i % 4) + 1}/2021`),
  )
  t.match(either, { notes: [/cannot be told apart/] })
  t.equal(either.column, undefined)
  const both = readTimes('d', [
    '31/01/2021',
    '01/31/2021',
    '05/06/2021',
    '30/01/2021',
    '01/30/2021',
    '29/01/2021',
  ])
  t.match(both.notes, [/cannot be told apart in all cells/])
  t.equal(
    readTimes(
      'd',
      days(9, (i) => `0${i + 1}/0${i + 1}/2021`),
    ).column?.values[1],
    Date.UTC(2021, 1, 2),
  )
  t.strictSame(readTimes('d', ['a', 'b']), { notes: [] })
})
