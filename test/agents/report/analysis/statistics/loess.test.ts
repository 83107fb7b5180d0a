import t from 'tap'
import { loess, robustLoess } from '../../../../../services/agents/report/analysis/statistics/loess.ts'

const LINE = Float64Array.from({ length: 40 }, (_, i) => 3 + 2 * i)

t.test('a line is its own smooth, wherever lines are fitted', async (t) => {
  for (const jump of [1, 4]) {
    const smooth = loess(LINE, { window: 11, jump })
    t.ok(smooth.every((value, i) => Math.abs(value - LINE[i]!) < 1e-9))
  }
})

t.test('a value far out does not move the robust smooth', async (t) => {
  const noise = LINE.map((value, i) => value + ((i * 7) % 5) - 2)
  const smooth = robustLoess(noise.with(20, 500), 15)
  t.ok(Math.abs(smooth[20]! - LINE[20]!) < 3, `${smooth[20]}`)
})
