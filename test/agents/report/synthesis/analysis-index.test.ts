import t from 'tap'
import {
  indexAnalysis,
  placeKey,
  placesOf,
} from '../../../../services/agents/report/synthesis/analysis-index.ts'
import {
  anomalyAt,
  correlationOf,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'

const table = { document: 'd', table: 't' }
const [x, y] = ['x', 'y'].map((column) =>
  numberColumn({ ...table, column }, [
    [1, 1],
    [2, 5],
  ]),
) as [ReturnType<typeof numberColumn>, ReturnType<typeof numberColumn>]
const index = indexAnalysis({
  ...emptyAnalysis,
  columns: [x, y, { ...x, kind: 'text' }],
  trends: [trendOf(y)],
  anomalies: [anomalyAt(x, 2, 9), anomalyAt(y, 2, 8)],
  correlations: [correlationOf(table, 'x', 'y', 0.5)],
})
const about = (...provenance: { column?: string; rows?: number[] }[]) =>
  insight('i1', 'trend', { provenance: provenance.map((from) => ({ ...table, method: 'm', ...from })) })

t.test('keys keep names apart that contain each other', async (t) => {
  const key = (document: string, table: string, column: string) => placeKey({ document, table, column })
  t.not(key('a', 'b c', 'd'), key('a b', 'c', 'd'))
  t.not(key('a","b', 'c', 'd'), key('a', 'b","c', 'd'))
})

t.test('what an insight speaks of is found by its provenance', async (t) => {
  t.equal(index.columnOf(about({ column: 'x' })), x, 'the first of two with the same key')
  t.match(index.trendOf(about({ column: 'x' }, { column: 'y' })), { column: 'y' }, 'the first that has one')
  t.equal(index.trendOf(about({ column: 'x' })), undefined)
  t.match(index.anomaliesOf(about({ column: 'y', rows: [1, 2] }, { column: 'x', rows: [2] })), [
    { column: 'y', row: 2 },
    { column: 'x', row: 2 },
  ])
  t.strictSame(index.anomaliesOf(about({ column: 'x' })), [], 'no rows are named')
})

t.test('a correlation is the same whichever column comes first', async (t) => {
  t.match(index.correlationOf(about({ column: 'y' }, { column: 'x' })), { a: 'x', b: 'y' })
  t.equal(index.correlationOf(about({ column: 'y' })), undefined)
})

t.test('provenance without a column is no place', async (t) => {
  t.strictSame(placesOf(about({}, { column: 'x' })), [{ ...table, column: 'x' }])
})
