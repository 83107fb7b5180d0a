import t from 'tap'
import { findChangePoints } from '../../../../../services/agents/report/analysis/statistics/change-points.ts'
import { normalNumbers } from '../normal-numbers.ts'

t.test('change points: steps are found, slopes and outliers are none', async (t) => {
  const noise = normalNumbers(100, 11)
  const series = (level: (i: number) => number) => noise.map((value, i) => level(i) + value)
  const step = findChangePoints(series((i) => (i < 40 ? 0 : 6)))
  t.equal(step.shape, 'steps')
  t.same(
    step.changePoints.map(({ at }) => at),
    [40],
  )
  t.same(findChangePoints(series((i) => 0.3 * i)), { shape: 'line', changePoints: [] })
  t.same(findChangePoints(series((i) => (i === 50 ? 40 : 0))), { shape: 'constant', changePoints: [] })
  const jump = findChangePoints(series((i) => 0.1 * i + (i < 60 ? 0 : 10)))
  t.equal(jump.shape, 'line with a step')
  t.equal(jump.changePoints[0]?.at, 60)
})

t.test('change points are rare in noise', async (t) => {
  let found = 0
  for (let run = 0; run < 100; run++)
    found += findChangePoints(normalNumbers(80, run)).changePoints.length ? 1 : 0
  t.ok(found <= 8, `${found} of 100`)
})
