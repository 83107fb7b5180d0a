import t from 'tap'
import {
  chiSquareUpper,
  fisherFUpper,
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

t.test('the tail of F', async (t) => {
  // scipy.stats.f.sf(f, between, within).
  close(t, fisherFUpper(3.2, 3, 40), 0.03342118072289293, 12)
  close(t, fisherFUpper(12.5, 1, 9), 0.00635849185332361, 12)
  close(t, fisherFUpper(0.7, 5, 200), 0.6240478070521476, 12)
  t.ok(Math.abs(fisherFUpper(40, 4, 60) / 2.69239095671697e-16 - 1) < 1e-9)
})
