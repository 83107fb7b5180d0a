import t from 'tap'
import { numericTimeOf } from '../../../../../services/agents/report/ingest/data/numeric-time.ts'
import { yearTimeOf } from '../../../../../services/agents/report/ingest/data/year-time.ts'

const months = Array.from({ length: 30 }, (_, i) => Number((1949 + i / 12).toFixed(3)))

t.test('years and their parts under a name of time', async (t) => {
  const monthly = yearTimeOf('time', months)!
  t.equal(monthly.granularity, 'month')
  t.equal(monthly.toMs(1949.083), Date.UTC(1949, 1, 1))
  t.equal(monthly.toMs(months[29]!), Date.UTC(1951, 5, 1))
  const quarterly = numericTimeOf('year', [1960, 1960.25, 1960.5, 1960.75, 1961, 1961.25])!
  t.equal(quarterly.granularity, 'quarter')
  t.equal(quarterly.toMs(1960.75), Date.UTC(1960, 9, 1))
  const yearly = yearTimeOf('time', [1871, 1872, 1873, 1874, 1875, 1876])!
  t.match({ yearly, ms: yearly.toMs(1873) }, { yearly: { granularity: 'year' }, ms: Date.UTC(1873, 0, 1) })
})

t.test('other numbers of that size are none', async (t) => {
  t.equal(yearTimeOf('price', months), undefined, 'no name of time')
  t.equal(yearTimeOf('time', [1712.3, 1801.9, 1555.1, 1650.7, 1999.4, 2005.2]), undefined, 'no even parts')
  t.equal(yearTimeOf('time', [1800, 1650, 1720, 1510, 1999, 1600]), undefined, 'no run of years')
  t.equal(yearTimeOf('time', [0, 2, 4, 6, 8, 10]), undefined)
})
