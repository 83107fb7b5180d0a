import t from 'tap'
import {
  columnProvenance,
  type InsightDraft,
  rankInsights,
  tableTitle,
} from '../../../../../services/agents/report/analysis/insights/insight-draft.ts'

const draft = (statement: string, strength: number): InsightDraft => ({
  kind: 'trend',
  statement,
  strength,
  evidence: {},
  provenance: [],
})

t.test('the strongest come first, equal ones by their sentence, each sentence once', async (t) => {
  const ranked = rankInsights([draft('b', 0.5), draft('c', 0.9), draft('a', 0.5), draft('b', 0.5)])
  t.strictSame(
    ranked.map(({ id, statement }) => [id, statement]),
    [
      ['i1', 'c'],
      ['i2', 'a'],
      ['i3', 'b'],
    ],
  )
})

t.test('at most a hundred are kept', async (t) => {
  const ranked = rankInsights(Array.from({ length: 150 }, (_, i) => draft(`s${i}`, i / 150)))
  t.equal(ranked.length, 100)
  t.equal(ranked[0]?.statement, 's149')
  t.equal(ranked.at(-1)?.statement, 's50')
})

t.test('places are named by the document unless it holds several tables', async (t) => {
  t.equal(tableTitle({ document: 'a.csv', name: 'a.csv' }), 'a.csv')
  t.equal(tableTitle({ document: 'a.json', name: 'a.json#lines' }), 'a.json#lines')
  t.equal(tableTitle({ document: 'a.xlsx', name: 'Sheet 1' }), 'a.xlsx (Sheet 1)')
  const table = { document: 'a.csv', name: 'a.csv' }
  t.strictSame(columnProvenance(table, 'x', { method: 'count' }), {
    document: 'a.csv',
    table: 'a.csv',
    column: 'x',
    method: 'count',
  })
  t.match(columnProvenance(table, 'x', { method: 'count', rows: [3] }), { rows: [3] })
})
