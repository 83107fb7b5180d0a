import t from 'tap'
import type { Analysis, Insight } from '#schemas/analysis.ts'
import { buildReport } from '../../../../services/agents/report/synthesis/build-report.ts'
import {
  anomalyAt,
  documentEntry,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'

const place = { document: 'd.csv', table: 'd.csv' }
const column = numberColumn(
  { ...place, column: 'sales' },
  Array.from({ length: 30 }, (_, day) => [Date.UTC(2024, 0, 1 + day), day]),
  { xKind: 'time' },
)
const advice = (insights: Insight[], about: Partial<Analysis> = {}) =>
  buildReport({
    analysis: { ...emptyAnalysis, columns: [column], trends: [trendOf(column)], ...about, insights },
    nowMs: 0,
  }).recommendations.map(({ rule, text }) => [rule, text] as const)
const of = (rows?: number[]) => ({
  provenance: [{ ...place, column: 'sales', method: 'm', ...(rows && { rows }) }],
})

t.test('it says who could do what about what', async (t) => {
  const [[rule, text]] = advice([insight('i1', 'anomaly', of([3]))], {
    anomalies: [anomalyAt(column, 3, 99, '2024-01-03')],
  }) as [readonly [string, string]]
  t.equal(rule, 'check-anomaly')
  t.match(text, /^Ask whoever records sales whether the value at 3 Jan 2024 is right/)
  const constraints = [
    {
      ...place,
      rule: 'low ≤ high',
      columns: ['low', 'high'],
      checked: 90,
      violations: 7,
      rows: [1, 2, 3, 4, 5, 6, 7],
    },
  ]
  const broken = insight('i1', 'constraint', { evidence: { rule: 'low ≤ high' }, ...of() })
  t.match(
    advice([broken], { constraints })[0]![1],
    'Whoever keeps d.csv should check rows 1, 2, 3, 4, 5 and 2 more, where low ≤ high does not hold, before figures of low, high are quoted.',
  )
})

t.test('nothing is advised on what is weak, or by what only describes', async (t) => {
  t.strictSame(advice([insight('i1', 'trend', { ...of(), strength: 0.6 })]), [], 'a trend must be strong')
  t.strictSame(advice([insight('i1', 'anomaly', { ...of([3]), strength: 0.4 })]), [])
  t.strictSame(
    advice([insight('i1', 'correlation'), insight('i2', 'distribution'), insight('i3', 'category')]),
    [],
  )
})

t.test('a text is never told to be corrected: its author is asked', async (t) => {
  const told = insight('i1', 'text', {
    statement: 'notes.md says "…", and in d.csv it is 3.',
    evidence: { stated: 9, computed: 3, verdict: 'contradicts' },
    provenance: [{ document: 'notes.md', method: 'statement in the text' }],
    strength: 0.7,
  })
  const [[rule, text]] = advice([told]) as [readonly [string, string]]
  t.equal(rule, 'settle-contradiction')
  t.match(text, /^Ask whoever wrote notes\.md/)
  t.notMatch(text, /correct/i)
})

t.test(
  'a fault on the way to a file asks for another try, a fault of the file for another file',
  async (t) => {
    const rejected = (code: string) =>
      advice([], {
        documents: [documentEntry('a.csv', { kind: 'rejected', problem: { code, message: 'm' } })],
      })
    t.match(rejected('UNAVAILABLE'), [['try-again', /says nothing against the file/]])
    t.match(rejected('BROKEN_FILE'), [['mend-document', /send it again/]])
  },
)

t.test('a large loss asks for the rest', async (t) => {
  const losses = ['Only the first 200,000 of 600,000 rows were read.']
  t.match(advice([], { documents: [documentEntry('big.csv', { losses })] }), [
    ['complete-source', /Whoever needs all of big\.csv/],
  ])
})
