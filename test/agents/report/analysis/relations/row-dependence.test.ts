import t from 'tap'
import { rowDependence } from '../../../../../services/agents/report/analysis/relations/row-dependence.ts'
import { relationTable } from './relation-tables.ts'

const days = (count: number) => Array.from({ length: count }, (_, i) => Date.UTC(2024, 0, 1 + i))
const numbers = (count: number) => Array.from({ length: count }, (_, i) => (i * 7919) % 101)

t.test('rows without time or key are independent', async (t) => {
  t.strictSame(rowDependence(relationTable({ v: numbers(30) })), { kind: 'independent' })
})

t.test(
  'one row a moment is a series, in order of time, with the cycle that its spacing suggests',
  async (t) => {
    const found = rowDependence(relationTable({ date: days(30).reverse(), v: numbers(30) }))
    t.match(found, { kind: 'series', period: 7 })
    t.strictSame(found.kind === 'series' && [...found.order.slice(0, 2)], [29, 28])
  },
)

t.test('several rows a moment, and keys that come again, are clusters', async (t) => {
  const twice = relationTable({ date: [...days(30), ...days(30)], v: numbers(60) })
  t.match(rowDependence(twice), { kind: 'clustered', by: 'moment', clusterCount: 30, comparesWithin: true })
  const customers = Array.from({ length: 60 }, (_, i) => `c${i % 12}`)
  const keyed = relationTable(
    { customer: customers, v: numbers(60) },
    { columns: [{ name: 'customer', role: 'identifier' }] },
  )
  t.match(rowDependence(keyed), { kind: 'clustered', by: 'customer', clusterCount: 12 })
})

t.test('a panel is clustered by entity; one of few entities is a series of moments', async (t) => {
  const panel = (entities: number) =>
    relationTable(
      { date: Array.from({ length: entities }, () => days(12)).flat(), v: numbers(12 * entities) },
      {
        entities: {
          columns: ['store'],
          names: Array.from({ length: entities }, (_, e) => `s${e}`),
          rows: Array.from({ length: entities }, (_, e) =>
            Uint32Array.from({ length: 12 }, (_, i) => 12 * e + i),
          ),
        },
      },
    )
  t.match(rowDependence(panel(15)), { kind: 'clustered', by: 'store', clusterCount: 15 })
  t.match(rowDependence(panel(3)), {
    kind: 'clustered',
    by: 'moment',
    clusterCount: 12,
    comparesWithin: false,
  })
})
