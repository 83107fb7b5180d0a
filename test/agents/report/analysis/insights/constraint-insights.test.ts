import t from 'tap'
import { analyseDocuments } from '../../../../../services/agents/report/analysis/analyse-documents.ts'
import { column, dataDocument } from '../sample-documents.ts'

function told(broken: readonly number[]) {
  const start = Array.from({ length: 200 }, (_, i) => (i * 37) % 101)
  const end = start.map((value, i) => (broken.includes(i) ? value - 1 : value + (i % 7)))
  const columns = [column('start_km', 'number', start), column('end_km', 'number', end)]
  const work = analyseDocuments([dataDocument('trips.csv', columns)])
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value.insights.filter(({ kind }) => kind === 'constraint')
}

t.test('exact counts, the first rows, and what stands there', async (t) => {
  const [one] = told([9])
  t.equal(
    one?.statement,
    'In 1 of 200 rows of trips.csv start_km is above end_km (row 10); the other 199 keep start_km ≤ end_km.',
  )
  t.match(one?.evidence, {
    violations: 1,
    checked: 200,
    firstRow: 10,
    'start_km there': 30,
    'end_km there': 29,
  })
  t.same(one?.provenance[0]?.rows, [10])
  const [many] = told([3, 30, 60, 90, 120])
  t.match(many?.statement, /\(rows 4, 31, 61 and 2 more\)/)
  t.ok(many!.strength < one!.strength, 'the fewer break it, the surer it is a rule')
})

t.test('a rule that all rows keep is not told', async (t) => {
  t.same(told([]), [])
})
