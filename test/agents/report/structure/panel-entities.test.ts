import t from 'tap'
import type { Column } from '#schemas/document.ts'
import {
  entityPoints,
  jointPoints,
  orderedPoints,
} from '../../../../services/agents/report/structure/ordered-points.ts'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../analysis/sample-documents.ts'

const prepare = (...columns: Column[]) =>
  prepareTable('a.csv', { name: 'a.csv', rows: columns[0]!.values.length, columns, notes: [] })
const number = (name: string, values: Column['values']) => column(name, 'number', values)
const word = (name: string, values: string[]) => column(name, 'category', values)

/** Every store in every of ten years, shuffled by a fixed step. */
const cells = Array.from({ length: 30 }, (_, i) => (i * 7) % 30).map((i) => ({
  year: 2000 + Math.floor(i / 3),
  store: 'ABC'[i % 3]!,
}))
const years = number(
  'year',
  cells.map(({ year }) => year),
)
const stores = word(
  'store',
  cells.map(({ store }) => store),
)
/** Store A rises by 2 a year, B falls by 2, C stays. */
const sales = number(
  'sales',
  cells.map(({ year, store }) => 100 + { A: 2, B: -2, C: 0 }[store]! * (year - 2000)),
)

t.test('a panel is looked at by entity and in sum', async (t) => {
  const table = prepare(years, stores, sales)
  const column = table.numeric.find(({ name }) => name === 'sales')!
  t.match(table.structure, { kind: 'panel', entity: { column: 'store', count: 3 } })
  t.equal(orderedPoints(table, column).x.length, 0, 'never mixed')
  const a = entityPoints(table, column, table.entities!.names.indexOf('A'))
  t.same([...a.y], [100, 102, 104, 106, 108, 110, 112, 114, 116, 118])
  t.same(a.x.toSorted(), a.x, 'in order of time')
  const sum = jointPoints(table, column, { additive: true })
  t.equal(sum.how, 'sum')
  t.same([...sum.y], Array(10).fill(300), 'opposite trends add up to none')
  t.equal(jointPoints(table, column, { additive: false }).how, 'mean')
})

t.test('an entity that comes late does not move the mean', async (t) => {
  const late = cells.map(({ year, store }) => store !== 'C' || year >= 2005)
  const kept = <T>(values: readonly T[]) => values.filter((_, i) => late[i])
  const table = prepare(
    number('year', kept(years.values)),
    word('store', kept(stores.values) as string[]),
    number(
      'price',
      kept(cells).map(({ store }) => ({ A: 10, B: 10, C: 90 })[store]!),
    ),
  )
  const points = jointPoints(table, table.numeric[1]!, { additive: true })
  t.equal(points.how, 'mean', 'half of the years are incomplete')
  t.equal(new Set(points.y).size, 1)
  t.ok(table.structure.notes.some((note) => note.startsWith('1 of 3 entities of "store"')))
})

t.test('several columns may name an entity only together', async (t) => {
  const all = Array.from({ length: 40 }, (_, i) => ({
    year: 2000 + Math.floor(i / 4),
    country: 'XY'[i % 2]!,
    product: 'pq'[Math.floor(i / 2) % 2]!,
  }))
  const table = prepare(
    number(
      'year',
      all.map(({ year }) => year),
    ),
    word(
      'country',
      all.map(({ country }) => country),
    ),
    word(
      'product',
      all.map(({ product }) => product),
    ),
    number(
      'units',
      all.map((_, i) => (i * 13) % 29),
    ),
  )
  t.match(table.entities, { columns: ['country', 'product'], names: ['X · p', 'Y · p', 'X · q', 'Y · q'] })
  t.equal(table.labelOf(0), 'X · p, 2000')
})

t.test('orders of customers are no panel: rows of one day are one point, the median', async (t) => {
  const days = Array.from({ length: 120 }, (_, i) => Date.UTC(2024, 0, 1 + Math.floor(i / 4)))
  const table = prepare(
    column('date', 'temporal', days),
    word(
      'customer',
      days.map((_, i) => `c${(i * 17) % 40}`),
    ),
    number(
      'amount',
      days.map((_, i) => [5, 1, 9, 3][i % 4]! + i),
    ),
  )
  t.match(table.structure.kind, 'time-series')
  const points = orderedPoints(table, table.numeric[1]!)
  t.equal(points.x.length, 30)
  t.equal(points.y[0], 5, 'of 5, 2, 11 and 6 the lower middle')
  t.equal(points.rows[0], 0)
})

t.test('a category that changes within a series is no entity', async (t) => {
  const days = Array.from({ length: 60 }, (_, i) => Date.UTC(2024, 0, 1 + i))
  const weather = word(
    'weather',
    days.map((_, i) => ['sun', 'rain', 'fog'][(i * 5) % 3]!),
  )
  const table = prepare(column('date', 'temporal', days), weather, number('x', [...days.keys()]))
  t.equal(table.entities, null)
})
