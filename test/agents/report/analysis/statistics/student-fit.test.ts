import t from 'tap'
import {
  studentExceedance,
  studentProfile,
} from '../../../../../services/agents/report/analysis/statistics/student-fit.ts'
import { normalNumbers } from '../normal-numbers.ts'
import { heavyTailed } from '../null-tables.ts'

const distances = (values: Float64Array) => values.map(Math.abs).sort()
const likeliest = (fits: ReturnType<typeof studentProfile>) =>
  fits.reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a))

t.test('normal values allow no heavy tail, ratios of normal to chi do', async (t) => {
  t.ok(likeliest(studentProfile(distances(normalNumbers(2_000, 5)), 0)).degrees >= 10)
  const fit = likeliest(studentProfile(distances(heavyTailed(2_000, 6)), 0))
  t.ok(fit.degrees >= 2 && fit.degrees <= 4, `${fit.degrees}`)
  t.ok(Math.abs(fit.scale - 1) < 0.2, `${fit.scale}`)
  t.ok(studentExceedance(10, fit) > 1e-4)
})

t.test('values that are only counted as lying beyond make no tail lighter', async (t) => {
  const all = distances(heavyTailed(2_000, 7))
  const counted = likeliest(studentProfile(all.subarray(0, 1_900), 100))
  const forgotten = likeliest(studentProfile(all.subarray(0, 1_900), 0))
  t.ok(counted.degrees <= 5, `${counted.degrees}`)
  t.ok(forgotten.degrees > counted.degrees)
})
