import fc from 'fast-check'
import t from 'tap'
import { analysisSchema } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { spearman } from '../../../../services/agents/report/analysis/statistics/correlation.ts'
import { moments } from '../../../../services/agents/report/analysis/statistics/moments.ts'
import { numericSummary } from '../../../../services/agents/report/analysis/statistics/numeric-summary.ts'
import { theilSen } from '../../../../services/agents/report/analysis/statistics/theil-sen.ts'
import { column, dataDocument } from './sample-documents.ts'

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

t.test('any table gives a valid analysis without NaN or infinity', async () => {
  const cells: fc.Arbitrary<Column['values'][number]> = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -5, max: 5 }) },
    { weight: 4, arbitrary: anyDouble },
    { weight: 1, arbitrary: fc.constantFrom(5e-324, -1e-323, 2e-308, 1e308, -Number.MAX_VALUE) },
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.boolean() },
  )
  const kinds = fc.constantFrom<Column['kind'][]>(
    'number',
    'temporal',
    'category',
    'text',
    'boolean',
    'empty',
  )
  const anyColumn = fc
    .tuple(fc.constantFrom('id', 'year', 'value', 'a', 'b', ''), kinds, fc.array(cells, { maxLength: 40 }))
    .map(([name, kind, values]) => column(name, kind, values))
  fc.assert(
    fc.property(fc.array(anyColumn, { maxLength: 5 }), (columns) => {
      const work = analyseDocuments([dataDocument('any.csv', columns)])
      let step = work.next()
      while (!step.done) step = work.next()
      // The schema takes finite numbers only.
      analysisSchema.parse(step.value)
      return JSON.stringify(step.value).includes('NaN') === false
    }),
    { numRuns: 300 },
  )
})
