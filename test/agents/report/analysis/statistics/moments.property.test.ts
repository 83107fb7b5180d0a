import fc from 'fast-check'
import t from 'tap'
import { moments } from '../../../../../services/agents/report/analysis/statistics/moments.ts'

/** Whole numbers: shifting and scaling them by powers of two is exact, so invariances hold to the last digit or nearly. */
const wholes = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 60 })

const near = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))

t.test('shift and scale change moments as they should', async () => {
  fc.assert(
    fc.property(
      wholes,
      fc.integer({ min: -1e6, max: 1e6 }),
      fc.integer({ min: -5, max: 5 }),
      (values, shift, exponent) => {
        const factor = 2 ** exponent
        const before = moments(values)
        const after = moments(values.map((value) => factor * (value + shift)))
        return (
          near(after.mean, factor * (before.mean + shift)) &&
          near(after.stdDev, factor * before.stdDev) &&
          near(after.skewness, before.skewness) &&
          near(after.kurtosis, before.kurtosis) &&
          near(after.autocorrelation, before.autocorrelation)
        )
      },
    ),
  )
})
