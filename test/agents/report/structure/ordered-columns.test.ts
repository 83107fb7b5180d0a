import t from 'tap'
import { orderedColumns } from '../../../../services/agents/report/structure/ordered-columns.ts'

const pairs = (names: string[], isTime = false) =>
  orderedColumns(names.map((name) => ({ name, isTime })))
    .map(({ low, high }) => `${low} ≤ ${high}`)
    .sort()

t.test('names that say which is smaller', async (t) => {
  t.same(pairs(['temp_min', 'temp_mean', 'temp_max']), [
    'temp_mean ≤ temp_max',
    'temp_min ≤ temp_max',
    'temp_min ≤ temp_mean',
  ])
  t.same(pairs(['open', 'low', 'high', 'close']), [
    'close ≤ high',
    'low ≤ close',
    'low ≤ high',
    'low ≤ open',
    'open ≤ high',
  ])
  t.same(pairs(['new_cases', 'new_deaths', 'deaths']), ['new_deaths ≤ new_cases'])
  t.same(pairs(['start_km', 'end_km']), ['start_km ≤ end_km'])
  t.same(pairs(['Order Date', 'Ship Date'], true), ['Order Date ≤ Ship Date'])
  t.same(pairs(['pickup', 'dropoff'], true), ['pickup ≤ dropoff'])
})

t.test('other names say nothing', async (t) => {
  t.same(pairs(['temp_min', 'rain_max', 'from', 'to', 'low income', 'high school', 'open', 'x']), [])
  t.same(pairs(['open', 'close']), [])
  t.same(pairs(['start', 'seen'], true), [])
})
