import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Analysis } from '#schemas/analysis.ts'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { readDocument } from '../../../../services/agents/report/ingest/read-document.ts'

async function analysisOf(name: string): Promise<Analysis> {
  const bytes = readFileSync(new URL(`inputs/${name}`, import.meta.url))
  const content = await readDocument(
    { name, bytes },
    {
      blobs: { put: () => Promise.reject(new Error('no pictures here')) },
      signal: new AbortController().signal,
      findTools: async () => undefined,
    },
  )
  const work = analyseDocuments([{ name, bytes: bytes.length, sha256: '', ...content }])
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value
}

t.test('leak.csv: churn by plan in shares, and nothing of the label that copies it', async (t) => {
  const { insights, associations, differences } = await analysisOf('leak.csv')
  const told = insights.filter(({ kind }) => ['association', 'difference', 'correlation'].includes(kind))
  t.equal(told.length, 1)
  t.match(told[0], { kind: 'association' })
  t.match(told[0]?.statement, /^churn .* 48 % of plan basic, but for 10 % of pro/)
  t.match(associations, [{ outcome: 'churn', by: 'plan', outcomeValue: '1' }])
  t.ok(associations![0]!.pValue < 1e-15)
  t.notOk(differences?.some(({ category }) => category === 'churn_label'))
})

t.test(
  'corr_beyond_60.csv: the only pair of 70 columns that goes together is found, and no other told',
  async (t) => {
    const { insights, correlations } = await analysisOf('corr_beyond_60.csv')
    const told = insights.filter(({ kind }) => kind === 'correlation')
    t.equal(told.length, 1)
    t.match(told[0]?.statement, /m67 is high where m68 is high/)
    t.match(correlations[0], { a: 'm67', b: 'm68' })
  },
)
