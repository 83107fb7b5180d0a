import t from 'tap'
import { plausibleRange } from '../../../../services/agents/report/structure/plausible-ranges.ts'

t.test('what a value can be at all, for names of one thing', async (t) => {
  t.same(plausibleRange('age'), { min: 0, max: 125 })
  t.same(plausibleRange('Relative Humidity (%)'), { min: 0, max: 100 })
  t.same(plausibleRange('start_lat'), { min: -90, max: 90 })
  t.same(
    ['age difference', 'weight_change', 'profit', 'mean age of group'].map(plausibleRange),
    Array(4).fill(undefined),
  )
})
