import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'
import { normalNumbers } from '../analysis/normal-numbers.ts'
import { column } from '../analysis/sample-documents.ts'

const ROWS = 80
const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
const numbers = (seed: number, mean = 50, sd = 10, digits = 2) =>
  [...normalNumbers(ROWS, seed)].map((value) => rounded(mean + sd * value, digits))
const number = (name: string, values: Column['values']) => column(name, 'number', values)
const prepare = (...columns: Column[]) =>
  prepareTable('a.csv', { name: 'a.csv', rows: ROWS, columns, notes: [] })
const derivedFrom = (name: string, ...columns: Column[]) => {
  const found = prepare(...columns).columns.find((candidate) => candidate.name === name)
  return found?.derivedFrom && [found.role, found.derivedFrom.how, ...found.derivedFrom.columns]
}

const a = numbers(1)
const b = numbers(2)
const c = numbers(3)
const whole = (seed: number) => [...normalNumbers(ROWS, seed)].map((value) => Math.round(60 + 15 * value))

t.test('what is the same, in another unit or another word, is no measure of its own', async (t) => {
  t.same(derivedFrom('y', number('x', a), number('y', a)), ['derived', 'copy', 'x'])
  const fahrenheit = a.map((value) => rounded(value * 1.8 + 32, 1))
  t.same(derivedFrom('temp_f', number('temp_c', a), number('temp_f', fahrenheit)), [
    'derived',
    'linear',
    'temp_c',
  ])
  const codes = a.map((value) => (value > 55 ? 'C' : value > 45 ? 'B' : 'A'))
  const labels = codes.map((code) => ({ A: 'small', B: 'middle', C: 'big' })[code]!)
  t.same(
    derivedFrom(
      'country_code',
      column('country_code', 'category', codes),
      column('country', 'category', labels),
    ),
    ['derived', 'code', 'country'],
    'the plain name stays',
  )
  t.same(derivedFrom('a_group', number('a', a), column('a_group', 'category', codes)), [
    'derived',
    'bins',
    'a',
  ])
})

t.test('noise is no rounding', async (t) => {
  const noisy = a.map((value, i) => 2 * value + 0.2 * b[i]!)
  t.equal(derivedFrom('y', number('x', a), number('y', noisy)), undefined)
  t.equal(derivedFrom('y', number('x', a), number('y', b)), undefined)
})

t.test('sums, differences, products and ratios stay measures, and their parts are known', async (t) => {
  const sum = a.map((value, i) => rounded(value + b[i]!, 2))
  t.same(derivedFrom('total', number('a', a), number('b', b), number('total', sum)), [
    'measure',
    'sum',
    'a',
    'b',
  ])
  t.same(derivedFrom('profit', number('revenue', sum), number('cost', b), number('profit', a)), [
    'measure',
    'difference',
    'revenue',
    'cost',
  ])
  const units = whole(4)
  const revenue = units.map((value, i) => rounded(value * a[i]!, 2))
  t.same(
    derivedFrom('revenue', number('units', units), number('unit_price', a), number('revenue', revenue)),
    ['measure', 'product', 'units', 'unit_price'],
  )
  const percent = a.map((value, i) => rounded((100 * value) / b[i]!, 1))
  t.same(derivedFrom('pct', number('part', a), number('whole', b), number('pct', percent)), [
    'measure',
    'percentage',
    'part',
    'whole',
  ])
  const three = a.map((value, i) => rounded(value + b[i]! + c[i]!, 2))
  t.same(derivedFrom('all', number('a', a), number('b', b), number('c', c), number('all', three)), [
    'measure',
    'sum',
    'a',
    'b',
    'c',
  ])
})

t.test('what goes together by definition is known, through other columns too', async (t) => {
  const total = a.map((value, i) => rounded(value + b[i]!, 2))
  const share = a.map((value, i) => rounded((100 * value) / total[i]!, 2))
  const table = prepare(
    number('a', a),
    number('b', b),
    number('total', total),
    number('share', share),
    number('c', c),
  )
  t.ok(table.definedTogether('a', 'total'))
  t.ok(table.definedTogether('total', 'a'))
  t.ok(table.definedTogether('share', 'b'), 'a share of a total that b is part of')
  t.notOk(table.definedTogether('a', 'b'), 'parts are free of each other')
  t.notOk(table.definedTogether('c', 'total'))
})

t.test('a city tells its country, a product its price', async (t) => {
  const cities = a.map((_, i) => ['Rome', 'Pisa', 'Oslo', 'Bergen'][i % 4]!)
  const countries = cities.map((city) => (city === 'Rome' || city === 'Pisa' ? 'Italy' : 'Norway'))
  const prices = cities.map((city) => city.length + 0.5)
  const table = prepare(
    column('city', 'category', cities),
    column('country', 'category', countries),
    number('price', prices),
    number('x', a),
  )
  t.ok(table.definedTogether('country', 'city'))
  t.ok(table.definedTogether('city', 'price'))
  t.notOk(table.definedTogether('city', 'x'))
  t.equal(
    table.columns.find(({ name }) => name === 'country')?.role,
    'binary',
    'a country is more than its cities',
  )
})

t.test('running totals are told from changes by name', async (t) => {
  const days = column(
    'date',
    'temporal',
    a.map((_, i) => Date.UTC(2024, 0, 1 + i)),
  )
  const cases = whole(5)
  let sum = 0
  const totals = cases.map((value) => {
    sum += value
    return sum
  })
  t.same(derivedFrom('total_cases', days, number('new_cases', cases), number('total_cases', totals)), [
    'derived',
    'running total',
    'new_cases',
  ])
  t.same(derivedFrom('change', days, number('change', cases), number('stock', totals)), [
    'measure',
    'change',
    'stock',
  ])
})

t.test('kinds of things that merely differ are no classes of a measure', async (t) => {
  const kinds = a.map((_, i) => `s${i % 3}`)
  const values = kinds.map((kind, i) => rounded(10 * Number(kind.slice(1)) + 0.05 * a[i]!, 2))
  t.equal(derivedFrom('sensor', number('value', values), column('sensor', 'category', kinds)), undefined)
})

t.test('columns of chance follow from no others', async (t) => {
  const columns = Array.from({ length: 12 }, (_, k) =>
    number(`m${k}`, k % 2 ? whole(100 + k) : numbers(100 + k)),
  )
  const counts = Array.from({ length: 6 }, (_, k) =>
    number(
      `n${k}`,
      [...normalNumbers(ROWS, 200 + k)].map((value) => Math.max(0, Math.round(2 + 1.5 * value))),
    ),
  )
  t.same(prepare(...columns, ...counts).derivations.relations, [])
})
