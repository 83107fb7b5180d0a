import t from 'tap'
import { periodHeading } from '../../../../services/agents/report/structure/period-heading.ts'

t.test('headings that name a time', async (t) => {
  for (const [heading, ms, granularity, stem] of [
    ['2019', Date.UTC(2019, 0, 1), 'year', ''],
    ['X2019', Date.UTC(2019, 0, 1), 'year', ''],
    ['sales 2019', Date.UTC(2019, 0, 1), 'year', 'sales'],
    ['2019 [YR2019]', Date.UTC(2019, 0, 1), 'year', ''],
    ['Q3 2020', Date.UTC(2020, 6, 1), 'quarter', ''],
    ['2020-11', Date.UTC(2020, 10, 1), 'month', ''],
    ['07.2023', Date.UTC(2023, 6, 1), 'month', ''],
    ['7/2023', Date.UTC(2023, 6, 1), 'month', ''],
    ['2023.07', Date.UTC(2023, 6, 1), 'month', ''],
    ['Mar 2020', Date.UTC(2020, 2, 1), 'month', ''],
    ['1/22/20', Date.UTC(2020, 0, 22), 'day', ''],
  ] as const)
    t.strictSame(periodHeading(heading), { ms, granularity, stem }, heading)
  for (const heading of ['sales', '1', 'rain (mm)', '2', 'x12'])
    t.equal(periodHeading(heading), undefined, heading)
})
