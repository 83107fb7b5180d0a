import t from 'tap'
import { groupedSeriesTest } from '../../../../../services/agents/report/analysis/statistics/grouped-series-test.ts'
import { normalNumbers } from '../normal-numbers.ts'

const N = 120
const halves = { groups: Int32Array.from({ length: N }, (_, i) => (i < N / 2 ? 0 : 1)), groupCount: 2 }
const thirds = { groups: Int32Array.from({ length: N }, (_, i) => (i % 3 === 0 ? 1 : 0)), groupCount: 2 }

t.test(
  'a random walk is somewhere else in its second half as a rule, and that is no difference',
  async (t) => {
    let rejected = 0
    for (let round = 0; round < 100; round++) {
      let at = 0
      const walk = normalNumbers(N, 50 + round).map((step) => (at += step))
      if ((groupedSeriesTest(walk, halves) ?? 1) <= 0.05) rejected += 1
    }
    t.ok(rejected <= 11, `${rejected} of 100 at 0.05`)
  },
)

t.test('a difference on top of memory is found', async (t) => {
  let at = 0
  const y = normalNumbers(N, 9).map((step, i) => {
    at = 0.8 * at + step
    return at + (thirds.groups[i] === 1 ? 2 : 0)
  })
  t.ok((groupedSeriesTest(y, thirds) ?? 1) < 1e-4)
  const weekly = Float64Array.from(normalNumbers(N, 10), (noise, i) => noise + (i % 7 === 0 ? 5 : 0))
  const mondays = { groups: Int32Array.from(weekly, (_, i) => (i % 7 === 0 ? 1 : 0)), groupCount: 2 }
  t.ok((groupedSeriesTest(weekly, mondays, 7) ?? 1) < 1e-6, 'weekdays are not taken for a season')
  t.equal(
    groupedSeriesTest(
      Float64Array.from({ length: N }, (_, i) => i),
      thirds,
    ),
    null,
    'an exact line',
  )
})
