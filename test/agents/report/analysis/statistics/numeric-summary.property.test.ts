import fc from 'fast-check'
import t from 'tap'
import { numericSummary } from '../../../../../services/agents/report/analysis/statistics/numeric-summary.ts'

/** Whole numbers: shifting and scaling them by powers of two is exact, so invariances hold to the last digit or nearly. */
const wholes = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 60 })

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true })

const near = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))

t.test('a summary of any doubles is finite', async () => {
  fc.assert(
    fc.property(fc.array(anyDouble, { minLength: 1, maxLength: 40 }), (values) => {
      const summary = numericSummary(Float64Array.from(values), 0)
      const { histogram, ...figures } = summary
      const all = [...Object.values(figures), ...histogram.flatMap((bin) => Object.values(bin))]
      return (
        all.every((value) => typeof value !== 'number' || Number.isFinite(value)) &&
        histogram.reduce((sum, { count }) => sum + count, 0) === values.length
      )
    }),
  )
})

t.test('order of the values does not matter, except to autocorrelation', async () => {
  fc.assert(
    fc.property(wholes, (values) => {
      const { autocorrelation: _a, ...forward } = numericSummary(Float64Array.from(values), 0)
      const { autocorrelation: _b, ...backward } = numericSummary(Float64Array.from(values.toReversed()), 0)
      return (
        near(forward.mean, backward.mean) &&
        near(forward.stdDev, backward.stdDev) &&
        forward.median === backward.median &&
        forward.mad === backward.mad &&
        forward.distribution === backward.distribution
      )
    }),
  )
})
