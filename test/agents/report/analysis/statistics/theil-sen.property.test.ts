import fc from 'fast-check'
import t from 'tap'
import { theilSen } from '../../../../../services/agents/report/analysis/statistics/theil-sen.ts'

/** Whole numbers: shifting and scaling them by powers of two is exact, so invariances hold to the last digit or nearly. */
const wholes = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 60 })

const near = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))

t.test('a line added to the data is added to Theil–Sen', async () => {
  fc.assert(
    fc.property(wholes, fc.integer({ min: -50, max: 50 }), (values, slope) => {
      const x = values.map((_, i) => i)
      const before = theilSen(x, values)
      const after = theilSen(
        x,
        values.map((value, i) => value + slope * i),
      )
      return before !== null && after !== null && near(after.slope, before.slope + slope)
    }),
  )
})
