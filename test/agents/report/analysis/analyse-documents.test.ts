import t from 'tap'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { normalNumbers } from './normal-numbers.ts'
import { column, dataDocument } from './sample-documents.ts'

function analysed(columns: Parameters<typeof dataDocument>[1]) {
  const work = analyseDocuments([dataDocument('d.csv', columns)])
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

t.test('what was not looked at for relations stands in the losses of the table', async (t) => {
  const factors = Array.from({ length: 63 }, (_, j) =>
    column(
      `f${j}`,
      'category',
      Array.from(normalNumbers(40, j + 1), (value) => (value > 0 ? 'yes' : 'no')),
    ),
  )
  t.match(analysed(factors).tables?.[0]?.losses.join(' '), /Categories are compared among the first 60/)
})

t.test('of a panel also what all entities do together', async (t) => {
  const rows = Array.from({ length: 180 }, (_, i) => ({ month: Math.floor(i / 3), shop: 'abc'[i % 3]! }))
  const noise = normalNumbers(180, 5)
  const { trends } = analysed([
    column(
      'date',
      'temporal',
      rows.map(({ month }) => Date.UTC(2015, month, 1)),
    ),
    column(
      'shop',
      'category',
      rows.map(({ shop }) => shop),
    ),
    column(
      'sales',
      'number',
      rows.map(({ month }, i) => 100 + month + noise[i]!),
    ),
  ])
  const together = trends.find(({ joint }) => joint)
  t.match(together, { direction: 'rising', joint: { how: 'sum', entities: 3, changing: 0 } })
  t.ok(Math.abs((together?.slope ?? 0) * 30.44 - 3) < 0.3)
})
