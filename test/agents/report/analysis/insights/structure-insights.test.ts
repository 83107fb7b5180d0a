import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { analyseDocuments } from '../../../../../services/agents/report/analysis/analyse-documents.ts'
import { column, dataDocument } from '../sample-documents.ts'

function told(...columns: Column[]) {
  const work = analyseDocuments([dataDocument('a.csv', columns)])
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value.insights.filter(({ kind }) => kind === 'structure')
}
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const values = range(40).map((i) => ((i * 37) % 41) + 0.5)

t.test('columns that add nothing, and times without a row', async (t) => {
  const days = range(45)
    .filter((i) => i < 20 || i >= 25)
    .map((i) => Date.UTC(2024, 0, 1 + i))
  const insights = told(
    column('date', 'temporal', days),
    column('celsius', 'number', values),
    column(
      'kelvin',
      'number',
      values.map((value) => value + 273.15),
    ),
  )
  t.same(insights.map(({ statement }) => statement).sort(), [
    '1 column of a.csv adds nothing to others: kelvin is a linear function of celsius.',
    'The times of a.csv have gaps: 5 of 45 steps (11 %) have no row.',
  ])
  t.ok(
    insights.every(({ strength }) => strength < 0.5),
    'no headline',
  )
})

t.test('nothing is said of a table in order', async (t) => {
  const days = range(40).map((i) => Date.UTC(2024, 0, 1 + i))
  t.same(told(column('date', 'temporal', days), column('x', 'number', values)), [])
})
