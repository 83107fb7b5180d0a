import t from 'tap'
import type { Granularity } from '../../../../services/agents/report/structure/row-axis.ts'
import { timePeriod } from '../../../../services/agents/report/structure/time-period.ts'

const DAY_MS = 86_400_000
const gapsOf = (granularity: Granularity, at: readonly number[]) =>
  timePeriod({ kind: 'time', columns: ['t'], granularity, at: Float64Array.from(at) })?.gaps
const days = (count: number) => Array.from({ length: count }, (_, i) => Date.UTC(2024, 0, 1) + i * DAY_MS)

t.test('steps without a row are counted on the grid that the times keep', async (t) => {
  t.equal(gapsOf('day', days(60)), 0)
  t.equal(
    gapsOf(
      'day',
      days(60).filter((_, i) => i !== 10 && i !== 11 && i !== 40),
    ),
    3,
  )
  const months = Array.from({ length: 36 }, (_, i) => Date.UTC(2020, i, 1))
  t.equal(gapsOf('month', months), 0, 'months of any length')
  t.equal(
    gapsOf(
      'month',
      months.filter((_, i) => i % 12 !== 3),
    ),
    3,
  )
  t.equal(
    gapsOf(
      'day',
      Array.from({ length: 30 }, (_, i) => Date.UTC(2021, 0, 1 + 30 * i)),
    ),
    0,
    'every 30 days',
  )
})

t.test('weekends are no gaps of working days', async (t) => {
  const workdays = days(70).filter((ms) => ![0, 6].includes(new Date(ms).getUTCDay()))
  t.equal(gapsOf('day', workdays), 0)
  t.equal(
    gapsOf(
      'day',
      workdays.filter((_, i) => i !== 20),
    ),
    1,
  )
})

t.test('times without a grid have no gaps, and rows of one time none between them', async (t) => {
  t.equal(
    gapsOf(
      'time',
      Array.from({ length: 40 }, (_, i) => i * i * 1_000_003),
    ),
    0,
  )
  t.equal(gapsOf('day', [...days(30), ...days(30)]), 0)
  t.equal(timePeriod(null), null)
  const empty = timePeriod({
    kind: 'time',
    columns: ['t'],
    granularity: 'day',
    at: Float64Array.of(Number.NaN),
  })
  t.equal(empty, null)
})
