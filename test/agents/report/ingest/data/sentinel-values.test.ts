import t from 'tap'
import { sentinelOf } from '../../../../../services/agents/report/ingest/data/sentinel-values.ts'

t.test('nines far from all other values', async (t) => {
  t.strictSame(sentinelOf([12, -999, 13, 11, -999, 12, 14]), { value: -999, count: 2 })
  t.strictSame(sentinelOf([1, 2, 3, 4, 5, 9999, 9999, null]), { value: 9999, count: 2 })
  t.equal(sentinelOf([12, -999, 13, 11, 12, 14]), undefined, 'once is an outlier')
  t.equal(sentinelOf([995, 999, 999, 990, 100, 500, 700]), undefined, 'a price among prices')
  t.equal(sentinelOf([12, -5, 13, 11, -5, 12]), undefined)
  t.equal(sentinelOf([-999, -999]), undefined)
})
