import t from 'tap'
import type { DataQuality, Finding } from '#schemas/report.ts'
import { headlineOf, summaryOf } from '../../../../services/agents/report/synthesis/summary.ts'
import { documentEntry, emptyAnalysis, numberColumn } from './analysis-fixtures.ts'

const finding = (id: string, kind: Finding['kind'], plain = `About ${id}.`): Finding => ({
  id,
  rank: 1,
  kind,
  statement: '',
  plain,
  strength: 0.9,
  confidence: 'strong',
  evidence: {},
  provenance: [],
})
const nothingWrong: DataQuality = { rejected: [], missing: [], insightIds: [], notes: [] }

t.test('the headline is about the subject; about the sources only where there is no other', async (t) => {
  const [quality, text, trend] = [finding('q', 'quality'), finding('x', 'text'), finding('t', 'trend')]
  t.strictSame(headlineOf(emptyAnalysis, [quality, text, trend]), { text: 'About t.', insightIds: ['t'] })
  t.match(headlineOf(emptyAnalysis, [quality, text]), { insightIds: ['x'] })
  t.match(headlineOf(emptyAnalysis, [quality]), { insightIds: ['q'] })
  t.match(headlineOf(emptyAnalysis, []), { text: 'There was nothing to read.', insightIds: [] })
})

t.test('at most two findings of a kind and five in all, no sentence twice', async (t) => {
  const findings = [
    finding('t1', 'trend'),
    finding('t2', 'trend'),
    finding('t3', 'trend'),
    finding('q1', 'quality'),
    finding('c1', 'correlation', 'About t1.'),
    finding('c2', 'correlation'),
    finding('a1', 'anomaly'),
    finding('a2', 'anomaly'),
    finding('d1', 'difference'),
  ]
  const ids = summaryOf(emptyAnalysis, findings, nothingWrong).flatMap(({ insightIds }) => insightIds)
  t.strictSame(ids, ['t1', 't2', 'c2', 'a1', 'a2'])
})

t.test('it begins with what was read and ends with how far it may be trusted', async (t) => {
  const column = numberColumn({ document: 'a.csv', table: 'a.csv', column: 'x' }, [[1, 1]])
  const analysis = {
    ...emptyAnalysis,
    documents: [
      documentEntry('a.csv'),
      documentEntry('n.md', { kind: 'text' }),
      documentEntry('m.md', { kind: 'text' }),
    ],
    columns: [column],
  }
  const [scope, quality] = summaryOf(analysis, [], nothingWrong).map(({ text }) => text)
  t.equal(scope, 'This report rests on 3 sources: 1 data file with 1 table and 1 column and 2 texts.')
  t.equal(quality, 'Every source could be read, and no cell was empty.')
})

t.test('what is wrong with the data is said', async (t) => {
  const quality: DataQuality = {
    rejected: ['a', 'b', 'c', 'd'].map((document) => ({ document, code: 'BROKEN_FILE', message: 'torn' })),
    missing: [{ document: 'e', table: 'e', column: 'x', missing: 3, rows: 4, share: 0.75 }],
    insightIds: ['i7'],
    notes: [],
  }
  t.strictSame(summaryOf(emptyAnalysis, [], quality).at(-1), {
    text: 'About the data: 4 sources could not be read (a, b and c and others), 1 column has empty cells (x, 75 %) and 1 note on quality applies.',
    insightIds: ['i7'],
  })
})
