import t from 'tap'
import { flatnessOf, type Series } from '../../../loadtest/day/flatness.ts'

const series = (values: number[], unit: Series['unit'] = 'MiB'): Series => ({
  name: 'a measure',
  unit,
  values,
})

t.test('what fills first and then stays is flat; what goes on growing is not', async (t) => {
  const fills = Array.from({ length: 100 }, (_, i) => Math.min(1000, i * 50))
  t.match(flatnessOf(series(fills)), { before: 1000, after: 1000, max: 1000, isFlat: true })
  const grows = Array.from({ length: 100 }, (_, i) => i * 10)
  t.match(flatnessOf(series(grows)), { before: 370, after: 870, max: 990, isFlat: false })
})

t.test('a moment of more is no growth', async (t) => {
  const breathes = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 3000 : 1000))
  t.match(flatnessOf(series(breathes)), { max: 3000, isFlat: true })
})

t.test('little growth of little says nothing', async (t) => {
  t.equal(flatnessOf(series([1, 1, 1, 1, 10, 10, 10, 10])).isFlat, true)
  t.equal(flatnessOf(series([1, 1, 1, 1, 30, 30, 30, 30])).isFlat, false)
  t.equal(flatnessOf(series([1, 1, 1, 1, 3000, 3000, 3000, 3000], 'keys')).isFlat, true)
})

t.test('a run without samples', async (t) => {
  t.match(flatnessOf(series([])), { before: 0, after: 0, max: 0, isFlat: true })
})
