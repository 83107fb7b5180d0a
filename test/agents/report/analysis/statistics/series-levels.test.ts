import t from 'tap'
import { seededRandom } from '../../../../../services/agents/report/analysis/statistics/change-points.ts'
import { seriesLevels } from '../../../../../services/agents/report/analysis/statistics/series-levels.ts'

const x = Float64Array.from({ length: 120 }, (_, i) => i)

t.test('on a slope a change of spread makes no steps of the level', async (t) => {
  for (const seed of [1, 2]) {
    const random = seededRandom(seed)
    const noise = () => random() + random() + random() - 1.5
    const y = x.map((at) => 0.02 * at + noise() * (at < 40 ? 0.15 : 1.5))
    const { changePoints, spreadChanges } = seriesLevels(x, y)
    t.strictSame(changePoints, [])
    t.equal(spreadChanges.length, 1)
  }
})

t.test('a step is told in the units of the series, also where the spread changes', async (t) => {
  const random = seededRandom(3)
  const y = x.map((at) => (at < 60 ? 10 : 30) + (random() - 0.5) * (at < 90 ? 1 : 8))
  const [step] = seriesLevels(x, y).changePoints
  t.equal(step?.at, 60)
  t.ok(Math.abs((step?.before ?? 0) - 10) < 0.3 && Math.abs((step?.after ?? 0) - 30) < 0.5)
})
