import t from 'tap'
import type { Analysis, Insight } from '#schemas/analysis.ts'
import { indexAnalysis } from '../../../../services/agents/report/synthesis/analysis-index.ts'
import { useOfRelation } from '../../../../services/agents/report/synthesis/relation-use.ts'
import { emptyAnalysis, insight } from './analysis-fixtures.ts'

const table = { document: 'd.csv', table: 'd.csv' }
const pair = (a: string, b: string, spearman: number) => ({
  ...table,
  a,
  b,
  n: 60,
  pearson: spearman,
  spearman,
  pValue: 1e-9,
})
const about = (a: string, b: string, spearman: number): Insight =>
  insight(`${a}-${b}`, 'correlation', {
    strength: 1,
    evidence: { spearman },
    provenance: [a, b].map((column) => ({ ...table, column, method: 'm' })),
  })

function useOf(a: string, b: string, spearman: number, subject?: string): number {
  const analysis: Analysis = {
    ...emptyAnalysis,
    correlations: [pair(a, b, spearman)],
    tables: [
      {
        ...table,
        rows: 60,
        columns: 3,
        kind: 'cross-section',
        timeColumns: [],
        notes: [],
        losses: [],
        ...(subject !== undefined && { subject }),
      },
    ],
  }
  return useOfRelation(about(a, b, spearman), indexAnalysis(analysis))
}

t.test('the larger, the one about the subject, and no two measures of the same thing', async (t) => {
  t.ok(useOf('a', 'b', 0.9) > useOf('a', 'b', 0.5), 'size')
  t.ok(useOf('price', 'size', 0.6, 'price') > useOf('width', 'size', 0.9, 'price'), 'subject')
  t.ok(useOf('radius', 'area', 0.97) < useOf('radius', 'depth', 0.6), 'nearly the same')
  t.ok(
    useOf('temp_max', 'temp_min', 0.88) < useOf('temp_max', 'ozone', 0.5),
    'under names with a word in common',
  )
  t.ok(useOf('price', 'carat', 0.97, 'price') > 0.9, 'a price is no copy of what it goes with')
})
