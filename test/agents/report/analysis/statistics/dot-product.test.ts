import t from 'tap'
import {
  dot,
  squares,
  without,
} from '../../../../../services/agents/report/analysis/statistics/dot-product.ts'

t.test('products of vectors, and what stands square on a direction', async (t) => {
  const [a, b] = [Float64Array.of(3, 4), Float64Array.of(1, 0)]
  t.equal(dot(a, b), 3)
  t.equal(squares(a), 25)
  t.strictSame([...without(a, b)], [0, 4])
  t.equal(dot(without(b, a), a), 0)
})
