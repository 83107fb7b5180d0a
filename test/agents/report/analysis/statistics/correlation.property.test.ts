import fc from 'fast-check'
import t from 'tap'
import { spearman } from '../../../../../services/agents/report/analysis/statistics/correlation.ts'

/** Whole numbers: shifting and scaling them by powers of two is exact, so invariances hold to the last digit or nearly. */
const wholes = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 60 })

const near = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))

t.test('Spearman sees order only', async () => {
  fc.assert(
    fc.property(wholes, (values) => {
      const other = values.map((value, i) => value * ((i % 3) - 1) + i)
      return near(
        spearman(values, other),
        spearman(
          values.map((value) => value ** 3),
          other,
        ),
      )
    }),
  )
})
