import t from 'tap'
import { fisherExact } from '../../../../../services/agents/report/analysis/statistics/fisher-exact.ts'
import { close } from '../close-to.ts'

t.test('Fisher’s exact test, two-sided', async (t) => {
  // scipy.stats.fisher_exact(table)[1]; the second is the lady tasting tea.
  const cases: [a: number, b: number, c: number, d: number, pValue: number][] = [
    [8, 2, 1, 5, 0.034965034965034975],
    [3, 1, 1, 3, 0.48571428571428565],
    [120, 80, 60, 140, 2.2980903403169824e-9],
    [1000, 10, 900, 40, 4.449344662852587e-6],
    [0, 7, 6, 2, 0.006993006993006994],
  ]
  for (const [a, b, c, d, pValue] of cases) {
    const found = fisherExact({ a, b, c, d })
    t.ok(Math.abs(found / pValue - 1) < 1e-9, `${found} is ${pValue}`)
  }
  close(t, fisherExact({ a: 3, b: 0, c: 4, d: 0 }), 1)
  t.ok(fisherExact({ a: 5000, b: 0, c: 0, d: 5000 }) > 0, 'never quite 0')
})
