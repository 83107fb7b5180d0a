import t from 'tap'
import { quadraticForm } from '../../../../../services/agents/report/analysis/statistics/quadratic-form.ts'
import { close } from '../close-to.ts'

t.test('u′ M⁻¹ u; directions that depend on others are left out', async (t) => {
  // numpy: u @ numpy.linalg.inv([[4, 1], [1, 3]]) @ u for u = [1, 2] is 15/11.
  const { value, rank } = quadraticForm(Float64Array.of(4, 1, 1, 3), [1, 2])
  close(t, value, 15 / 11)
  t.equal(rank, 2)
  t.match(quadraticForm(Float64Array.of(4, 4, 4, 4), [2, 2]), { value: 1, rank: 1 })
  t.match(quadraticForm(Float64Array.of(0), [0]), { value: 0, rank: 0 })
})
