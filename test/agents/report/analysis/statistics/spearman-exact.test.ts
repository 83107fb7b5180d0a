import t from 'tap'
import { spearmanExactPValue } from '../../../../../services/agents/report/analysis/statistics/spearman-exact.ts'
import { close } from '../close-to.ts'

t.test('exact p of Spearman’s coefficient', async (t) => {
  // All 5,040 orders of 7 counted by itertools.permutations.
  const rho = (squares: number, n: number) => 1 - (6 * squares) / (n * (n * n - 1))
  close(t, spearmanExactPValue(rho(2, 7), 7), 14 / 5040)
  close(t, spearmanExactPValue(rho(10, 7), 7), 172 / 5040)
  close(t, spearmanExactPValue(rho(20, 7), 7), 0.1388888888888889)
  close(t, spearmanExactPValue(-rho(20, 7), 7), 0.1388888888888889)
  close(t, spearmanExactPValue(rho(40, 7), 7), 0.5559523809523809)
  close(t, spearmanExactPValue(1, 12) / (2 / 479_001_600), 1)
  t.throws(() => spearmanExactPValue(0.5, 13), RangeError)
})
