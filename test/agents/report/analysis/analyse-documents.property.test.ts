import fc from 'fast-check'
import t from 'tap'
import { analysisSchema } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { column, dataDocument } from './sample-documents.ts'

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true })

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
