import t from 'tap'
import { coarsestGranularity } from '../../../../services/agents/report/structure/time-granularity.ts'

const of = (...at: number[]) => coarsestGranularity(Float64Array.from(at))
const date = (month: number, day: number) => Date.UTC(2024, month - 1, day)

t.test('the coarsest unit that all times fit', async (t) => {
  t.equal(of(date(1, 1), date(2, 1), date(4, 1), date(6, 1)), 'month')
  t.equal(of(...[2019, 2020, 2022, 2024].map((year) => Date.UTC(year, 0, 1))), 'year')
  t.equal(of(date(1, 1), date(1, 8), date(1, 15), date(2, 5)), 'week')
  t.equal(of(date(1, 1), date(1, 8), date(1, 15), date(2, 6)), 'day')
  t.equal(of(date(1, 1), date(2, 1)), 'day', 'two firsts of months are chance')
  t.equal(of(date(1, 1), date(1, 1) + 1), 'time')
  t.equal(coarsestGranularity(Float64Array.of(date(1, 1)), 'quarter'), 'quarter', 'as it was written')
})
