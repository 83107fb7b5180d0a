import t from 'tap'
import {
  chiSquareUpper,
  normalTwoSided,
  studentTwoSided,
} from '../../../../../services/agents/report/analysis/statistics/probability.ts'
import { close } from '../close-to.ts'

t.test('tails of distributions match tables', async (t) => {
  close(t, normalTwoSided(1.959963984540054), 0.05, 12)
  close(t, studentTwoSided(2.2281388519862735, 10), 0.05, 12)
  close(t, chiSquareUpper(18.307038053275146, 10), 0.05, 12)
  t.ok(normalTwoSided(30) > 0 && normalTwoSided(30) < 1e-190, 'the far tail is not lost')
})
