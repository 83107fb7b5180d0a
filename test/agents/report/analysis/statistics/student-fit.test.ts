import t from 'tap'
import {
  heaviestStudentFit,
  studentExceedance,
} from '../../../../../services/agents/report/analysis/statistics/student-fit.ts'
import { normalNumbers } from '../normal-numbers.ts'

t.test('normal values allow no heavy tail, ratios of normal to chi do', async (t) => {
  const normal = normalNumbers(2_000, 5)
  t.ok(heaviestStudentFit(normal).degrees >= 10)
  const shocks = normalNumbers(8_000, 6)
  const heavy = Float64Array.from({ length: 2_000 }, (_, i) => {
    const [z, a, b, c] = shocks.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number]
    return z / Math.sqrt((a * a + b * b + c * c) / 3)
  })
  const fit = heaviestStudentFit(heavy)
  t.ok(fit.degrees >= 2 && fit.degrees <= 4, `${fit.degrees}`)
  t.ok(studentExceedance(10, fit) > 1e-4)
})
