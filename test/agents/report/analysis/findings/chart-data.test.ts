import t from 'tap'
import type { Analysis, Insight, TableStructure } from '#schemas/analysis.ts'
import { withChartData } from '../../../../../services/agents/report/analysis/findings/chart-data.ts'
import { correlationOf, insight, numberColumn, trendOf } from '../../synthesis/analysis-fixtures.ts'
import { column, dataDocument } from '../sample-documents.ts'

const place = { document: 'd.csv', table: 'd.csv' }
const rows = 1000
const document = dataDocument('d.csv', [
  column(
    'a',
    'number',
    Array.from({ length: rows }, (_, i) => (i === 5 ? null : i)),
  ),
  column(
    'b',
    'number',
    Array.from({ length: rows }, (_, i) => 2 * i),
  ),
  column(
    'store',
    'category',
    Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? 'A' : 'B')),
  ),
  column(
    'date',
    'temporal',
    Array.from({ length: rows }, (_, i) => Date.UTC(2020, 0, 1 + Math.floor(i / 2))),
  ),
])
const told = (...columns: string[]): Insight[] => [
  insight('i1', 'correlation', {
    provenance: columns.map((name) => ({ ...place, column: name, method: 'm' })),
  }),
]
const chart = (about: Partial<Analysis>) =>
  withChartData([document], { correlations: [], trends: [], insights: [], ...about })

t.test('pairs that are told get points, evenly thinned, rows with a gap left out', async (t) => {
  const correlations = [correlationOf(place, 'b', 'a', 1), correlationOf(place, 'b', 'store', 0)]
  const [pair, other] = chart({ correlations, insights: told('a', 'b') }).correlations
  t.equal(pair!.points!.length, 300)
  t.strictSame(pair!.points![0], [0, 0])
  t.ok(pair!.points!.every(([x, y]) => x === 2 * y && y !== 5))
  t.equal(other!.points, undefined, 'what is not told needs no picture')
})

t.test('differences that are told get quartiles of each group', async (t) => {
  const groups = ['A', 'B'].map((name) => ({ name, count: 500, median: 0 }))
  const difference = {
    ...place,
    category: 'store',
    measure: 'b',
    method: 'm',
    pValue: 0.1,
    etaSquared: 0,
    groups,
  }
  const [found] = chart({ differences: [difference], insights: told('b', 'store') }).differences!
  // numpy.quantile(2 * numpy.arange(0, 1000, 2), [.25, .75]) is [499, 1497].
  t.match(found!.groups, [
    { name: 'A', q1: 499, q3: 1497 },
    { name: 'B', q1: 501, q3: 1499 },
  ])
})

t.test('entities of a panel get their own series in time', async (t) => {
  const structure: TableStructure = {
    ...place,
    rows,
    columns: 4,
    kind: 'panel',
    timeColumns: ['date'],
    entity: { column: 'store', count: 2 },
    notes: [],
    losses: [],
  }
  const of = trendOf(
    numberColumn({ ...place, column: 'b' }, [
      [0, 1],
      [1, 2],
    ]),
  )
  const trends = [{ ...of, entity: 'B' }, of]
  const [own, whole] = chart({ trends, tables: [structure] }).trends
  t.equal(own!.series!.xKind, 'time')
  t.equal(own!.series!.points.length, 100)
  t.ok(own!.series!.points.every(([x], i, all) => i === 0 || x > all[i - 1]![0]))
  t.equal(whole!.series, undefined)
})
