import t from 'tap'
import { pointsToEnds } from '../../../../../services/agents/report/analysis/findings/points-to-ends.ts'

t.test('the outer blocks stand at the first and the last moment', async (t) => {
  const blocks = { x: Float64Array.of(1.5, 3.5, 5.5), y: Float64Array.of(10, 20, 30) }
  t.strictSame(pointsToEnds(blocks, Float64Array.of(1, 2, 3, 4, 5, 6)), [
    [1, 10],
    [3.5, 20],
    [6, 30],
  ])
})
