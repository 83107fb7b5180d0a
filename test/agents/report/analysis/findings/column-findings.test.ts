import t from 'tap'
import {
  categorySummary,
  columnFinding,
  orderedPoints,
} from '../../../../../services/agents/report/analysis/findings/column-findings.ts'
import { prepareTable } from '../../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../sample-documents.ts'

const DAY_MS = 86_400_000
const columns = [
  column('note', 'text', ['p', 'q', 'r']),
  column('kind', 'category', ['a', 'b', 'a']),
  column('when', 'temporal', [2 * DAY_MS, 0, DAY_MS]),
  column('x', 'number', [5, 7, 6.5]),
  column('blank', 'number', [null, null, null]),
]
const table = prepareTable('a.csv', { name: 'a.csv', rows: 3, columns, notes: [] })

t.test('each kind of column has the summary that fits it', async (t) => {
  const [note, kind, when, x, blank] = columns.map((_, i) => columnFinding(table, i))
  t.strictSame(note, {
    document: 'a.csv',
    table: 'a.csv',
    column: 'note',
    kind: 'text',
    role: 'text',
    rows: 3,
    missing: 0,
  })
  t.match(blank, { role: 'empty', missing: 3 })
  t.match(kind, { category: { count: 3, distinct: 2, top: [{ value: 'a', count: 2 }, { value: 'b' }] } })
  t.match(when, { numeric: { count: 3 } })
  t.notOk('series' in when!, 'the axis itself is no series')
  t.match(x, { numeric: { min: 5, max: 7 }, series: { xKind: 'time' } })
  t.notOk('numeric' in blank!, 'nothing to sum up')
})

t.test('a series stands in the order of time', async (t) => {
  t.strictSame(columnFinding(table, 3).series?.points, [
    [0, 7],
    [DAY_MS, 6.5],
    [2 * DAY_MS, 5],
  ])
  const { rows } = orderedPoints(table, table.numeric[1]!)
  t.strictSame([...rows], [1, 2, 0])
})

t.test('without a time or a step there is no order, and no series', async (t) => {
  const plain = prepareTable('b', { name: 'b', rows: 2, columns: [column('x', 'number', [4, 9])], notes: [] })
  t.equal(orderedPoints(plain, plain.numeric[0]!).x.length, 0)
  t.notOk('series' in columnFinding(plain, 0))
})

t.test('rows without a time are left out', async (t) => {
  const gaps = prepareTable('c', {
    name: 'c',
    rows: 5,
    columns: [column('when', 'temporal', [0, 1, null, 3, 4]), column('x', 'number', [1, 2, 30, 4, 5])],
    notes: [],
  })
  t.strictSame([...orderedPoints(gaps, gaps.numeric[1]!).y], [1, 2, 4, 5])
})

t.test('units, roles and missing cells are told of every column', async (t) => {
  const measured = prepareTable('d', {
    name: 'd',
    rows: 2,
    columns: [{ ...column('rain', 'number', [4, null]), unit: 'mm' }, column('note', 'text', [null, 'a b'])],
    notes: [],
  })
  t.match(columnFinding(measured, 0), { unit: 'mm', role: 'measure', rows: 2, missing: 1 })
  t.match(columnFinding(measured, 1), { rows: 2, missing: 1 })
})

t.test('evenness is 1 for equal shares, 0 for one value', async (t) => {
  const summary = (counts: number[]) =>
    categorySummary({
      name: 'c',
      kind: 'category',
      role: 'category',
      groups: new Int32Array(),
      names: counts.map((_, i) => `v${i}`),
      counts,
      missing: 4,
    })
  t.equal(summary([5, 5, 5, 5]).evenness, 1)
  t.equal(summary([20]).evenness, 0)
  t.match(summary([3, 1]), { count: 4, missing: 4, distinct: 2, top: [{ share: 0.75 }, { share: 0.25 }] })
  t.ok(Math.abs(summary([3, 1]).evenness - 0.8112781244591328) < 1e-12, 'in bits: 0.811 of 1')
  t.equal(summary(Array(15).fill(2)).top.length, 10)
})

t.test('long series are joined to 400 medians', async (t) => {
  const values = Array.from({ length: 4000 }, (_, i) => i)
  const long = prepareTable('l', {
    name: 'l',
    rows: 4000,
    columns: [column('step', 'number', values), column('x', 'number', values.toReversed())],
    notes: [],
  })
  const { xKind, points } = columnFinding(long, 1).series!
  t.equal(xKind, 'row')
  t.equal(points.length, 400)
  t.strictSame(points[0], [1, 3994.5])
})
