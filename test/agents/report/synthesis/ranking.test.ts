import t from 'tap'
import type { Analysis, ColumnFinding, Insight } from '#schemas/analysis.ts'
import { indexAnalysis } from '../../../../services/agents/report/synthesis/analysis-index.ts'
import { rankFindings } from '../../../../services/agents/report/synthesis/ranking.ts'
import { anomalyAt, emptyAnalysis, insight, numberColumn, trendOf } from './analysis-fixtures.ts'

const table = { document: 'd.csv', table: 'd.csv' }
const column = (name: string, about: Partial<ColumnFinding> = {}): ColumnFinding => ({
  ...numberColumn(
    { ...table, column: name },
    Array.from({ length: 60 }, (_, row) => [row + 1, row]),
  ),
  ...about,
})
const of = (...columns: string[]): Pick<Insight, 'provenance'> => ({
  provenance: columns.map((name) => ({ ...table, column: name, method: 'm' })),
})
const at = (name: string, rows: number[]): Pick<Insight, 'provenance'> => ({
  provenance: [{ ...table, column: name, rows, method: 'm' }],
})

/** Ids in their order; one that repeats another as `id<other`. */
function order(insights: Insight[], about: Partial<Analysis> = {}): string[] {
  const index = indexAnalysis({ ...emptyAnalysis, ...about, insights })
  return rankFindings(insights, index).map(({ id, repeats }) => (repeats ? `${id}<${repeats}` : id))
}

t.test(
  'a broken rule leads, then what is about the subject, what is so by definition comes last',
  async (t) => {
    const insights = [
      insight('copy', 'difference', { ...of('pclass', 'class'), strength: 1, evidence: { etaSquared: 1 } }),
      insight('usa', 'category', { ...of('country'), strength: 0.4, evidence: { share: 1 } }),
      insight('text', 'text', { strength: 0.9 }),
      insight('trend', 'trend', { ...of('a'), strength: 0.85 }),
      insight('rule', 'constraint', { ...of('low', 'high'), strength: 0.9 }),
    ]
    t.strictSame(order(insights), ['rule', 'trend', 'text', 'copy', 'usa'])
  },
)

t.test('columns that a rule orders, and copies of a category, say nothing new', async (t) => {
  const constraints = [
    { ...table, rule: 'low ≤ high', columns: ['low', 'high'], checked: 60, violations: 1, rows: [5] },
  ]
  const pair = insight('pair', 'correlation', { ...of('low', 'high'), strength: 0.99 })
  const other = insight('other', 'correlation', { ...of('low', 'volume'), strength: 0.6 })
  t.strictSame(order([pair, other], { constraints }), ['other', 'pair'])
  const columns = [column('country'), column('code', { derivedFrom: { columns: ['country'], how: 'code' } })]
  const share = (id: string, name: string) =>
    insight(id, 'category', { ...of(name), strength: 0.3, evidence: { share: 0.61 } })
  t.strictSame(order([share('c', 'country'), share('k', 'code')], { columns }), ['c', 'k<c'])
})

t.test('a small step of a sure trend is a detail of its course', async (t) => {
  const x = column('x')
  const step = (after: number) => [
    trendOf(x, { changePoints: [{ row: 30, before: 20, after, pValue: 1e-6 }] }),
  ]
  const insights = [
    insight('step', 'change-point', { ...at('x', [30]), strength: 0.9 }),
    insight('outlier', 'anomaly', { ...at('y', [3]), strength: 0.85 }),
  ]
  t.strictSame(order(insights, { columns: [x], trends: step(22) }), ['outlier', 'step'])
  t.strictSame(order(insights, { columns: [x], trends: step(50) }), ['step', 'outlier'])
})

t.test('a correlation that is only two trends follows from them', async (t) => {
  const columns = [column('a'), column('b')]
  const trends = columns.map((each) => trendOf(each))
  const told = [
    insight('ta', 'trend', { ...of('a'), strength: 0.95 }),
    insight('tb', 'trend', { ...of('b'), strength: 0.94 }),
  ]
  const pair = (evidence: Insight['evidence']) =>
    insight('c', 'correlation', { ...of('a', 'b'), strength: 0.99, evidence })
  t.strictSame(order([pair({}), ...told], { columns, trends }), ['ta', 'tb', 'c<ta'])
  t.strictSame(order([pair({ spearmanWithoutTrend: 0.6 }), ...told], { columns, trends }), ['ta', 'tb', 'c'])
  t.strictSame(
    order([pair({}), told[0]!], { columns, trends }),
    ['ta', 'c'],
    'one trend alone makes no correlation',
  )
})

t.test('a total and its parts are one fact where they move alike', async (t) => {
  const columns = [
    column('total', { derivedFrom: { columns: ['north', 'south'], how: 'sum' } }),
    column('north'),
    column('south'),
  ]
  const insights = [
    insight('n', 'trend', { ...of('north'), strength: 0.8 }),
    insight('s', 'trend', { ...of('south'), strength: 0.81 }),
    insight('t', 'trend', { ...of('total'), strength: 0.9 }),
  ]
  const trends = columns.map((each) => trendOf(each))
  t.strictSame(order(insights, { columns, trends }), ['t', 's<t', 'n<t'])
  trends[2] = trendOf(columns[2]!, { direction: 'falling' })
  t.strictSame(
    order(insights, { columns, trends }),
    ['t', 's', 'n<t'],
    'a part that goes the other way is news',
  )
})

t.test('unusual values at a step, or in rows that break a rule, follow from it', async (t) => {
  const x = column('x')
  const trends = [trendOf(x, { changePoints: [{ row: 30, before: 1, after: 40, pValue: 1e-6 }] })]
  const step = insight('step', 'change-point', { ...at('x', [30]), strength: 0.9 })
  const near = insight('near', 'anomaly', { ...at('x', [29, 31]), strength: 0.85 })
  const far = insight('far', 'anomaly', { ...at('x', [50]), strength: 0.8 })
  const anomalies = [29, 31, 50].map((row) => anomalyAt(x, row, 99))
  t.strictSame(order([step, near, far], { columns: [x], trends, anomalies }), ['step', 'far', 'near<step'])

  const constraints = [
    { ...table, rule: 'x ≤ y', columns: ['x', 'y'], checked: 60, violations: 2, rows: [50, 51] },
  ]
  const rule = insight('rule', 'constraint', { ...of('x', 'y'), strength: 0.9 })
  t.strictSame(order([far, rule], { columns: [x], constraints, anomalies }), ['rule', 'far<rule'])
})

t.test('the same two columns are told once, as a difference or as an association', async (t) => {
  const columns = [
    column('churn'),
    column('plan'),
    column('plan_code', { derivedFrom: { columns: ['plan'], how: 'code' } }),
  ]
  const insights = [
    insight('a', 'association', { ...of('churn', 'plan'), strength: 0.9 }),
    insight('d', 'difference', { ...of('churn', 'plan'), strength: 0.85 }),
    insight('c', 'difference', { ...of('churn', 'plan_code'), strength: 0.84 }),
    insight('o', 'difference', { ...of('tenure', 'plan'), strength: 0.7 }),
  ]
  t.strictSame(order(insights, { columns }), ['a', 'o', 'd<a', 'c<a'])
})

t.test('a code or a column of two values has no skew to tell', async (t) => {
  const insights = [
    insight('sex', 'distribution', { ...of('sex'), strength: 0.9 }),
    insight('age', 'distribution', { ...of('age'), strength: 0.3 }),
  ]
  const columns = [column('sex', { role: 'binary' }), column('age', { role: 'measure' })]
  t.strictSame(order(insights, { columns }), ['age', 'sex'])
})
