import t from 'tap'
import {
  falseDiscoveryRates,
  findingStrength,
} from '../../../../../services/agents/report/analysis/inference/finding-strength.ts'
import { close } from '../close-to.ts'

t.test('false discovery rates', async (t) => {
  // statsmodels.stats.multitest.multipletests([0.01, 0.04, 0.03, 0.005], method='fdr_bh')[1].
  const rates = falseDiscoveryRates([0.01, 0.04, 0.03, 0.005])
  ;[0.02, 0.04, 0.04, 0.02].forEach((rate, i) => {
    close(t, rates[i]!, rate)
  })
})

t.test('words of confidence: strong and moderate are only as sure as they say', async (t) => {
  t.ok(findingStrength(0.4, 0.00009) >= 0.8)
  t.ok(findingStrength(0.2, 0.00009) < 0.8)
  t.ok(findingStrength(1, 0.0002) < 0.8)
  t.ok(findingStrength(0, 0.009) >= 0.5)
  t.ok(findingStrength(1, 0.011) < 0.5)
  t.equal(findingStrength(1, 0.06), 0)
})
