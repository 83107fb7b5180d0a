import t from 'tap'
import { observedEnds } from '../../../../../services/agents/report/analysis/findings/observed-ends.ts'

t.test('of a smooth series the values at the ends, of a noisy one medians', async (t) => {
  t.strictSame(
    observedEnds(
      Float64Array.from({ length: 60 }, (_, i) => i),
      [],
    ),
    { first: 0, last: 59 },
  )
  const noisy = Float64Array.from({ length: 60 }, (_, i) => i + 40 * ((i * 7) % 5))
  t.strictSame(observedEnds(noisy, []), { first: 81, last: 136 })
})
