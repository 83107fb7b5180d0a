import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'
import { reshapeTable } from '../../../../services/agents/report/structure/reshape-table.ts'
import { column } from '../analysis/sample-documents.ts'

const tableOf = (...columns: Column[]) => ({
  name: 'a.csv',
  rows: columns[0]!.values.length,
  columns,
  notes: [],
})
const number = (name: string, ...values: (number | null)[]) => column(name, 'number', values)
const word = (name: string, ...values: string[]) => column(name, 'category', values)
const valuesOf = (columns: readonly Column[] | undefined, name: string) =>
  columns?.find((candidate) => candidate.name === name)?.values

t.test('a column a year becomes a row a year, in order, and remembers its row', async (t) => {
  const wide = tableOf(
    column('city', 'text', ['Rome', 'Oslo']),
    number('2021', 3, 30),
    number('2020', 2, null),
    number('2019', 1, 10),
  )
  const reshaped = reshapeTable(wide)
  t.equal(reshaped?.kind, 'wide-years')
  t.same(valuesOf(reshaped?.table.columns, 'city'), ['Rome', 'Rome', 'Rome', 'Oslo', 'Oslo', 'Oslo'])
  t.same(valuesOf(reshaped?.table.columns, 'value'), [1, 2, 3, 10, null, 30])
  t.same(
    [0, 2, 3].map((row) => reshaped?.sourceRow(row)),
    [1, 1, 2],
  )
  const table = prepareTable('a.csv', wide)
  t.match(table.structure, {
    kind: 'wide-years',
    rows: 2,
    columns: 4,
    granularity: 'year',
    entity: { column: 'city', count: 2 },
  })
  t.equal(table.labelOf(4), 'Oslo, 2020')
})

t.test('headings may name a measure, a month, a quarter or a day', async (t) => {
  const names = (...headings: string[]) =>
    reshapeTable(
      tableOf(word('k', 'a'), ...headings.map((heading) => number(heading, 1))),
    )?.table.columns.map(({ name }) => name)
  const two = ['sales 2019', 'cost 2019', 'sales 2020', 'cost 2020', 'sales 2021', 'cost 2021']
  t.same(names(...two), ['k', 'year', 'sales', 'cost'])
  t.same(names('2020-01', '2020-02', '2020-03'), ['k', 'month', 'value'])
  t.same(names('Q1 2020', 'Q2 2020', 'Q3 2020'), ['k', 'quarter', 'value'])
  t.same(names('1/22/20', '1/23/20', '1/24/20'), ['k', 'day', 'value'])
  t.same(names('X1990', 'X1991', 'X1992'), ['k', 'year', 'value'])
})

t.test('other headings of numbers stay', async (t) => {
  t.equal(reshapeTable(tableOf(word('age', 'a'), number('0', 1), number('5', 1), number('10', 1))), null)
  t.equal(
    reshapeTable(tableOf(word('k', 'a'), number('2020', 1), number('2021', 1))),
    null,
    'two are no series',
  )
  const measures = ['p', 'q', 'r', 's'].map((name) => number(name, 1))
  t.equal(
    reshapeTable(tableOf(...measures, number('2019', 1), number('2020', 1), number('2021', 1))),
    null,
    'years beside the subject',
  )
})

t.test('a row a measure becomes a column a measure', async (t) => {
  const long = tableOf(
    word('country', 'A', 'A', 'B', 'B'),
    word('indicator', 'gdp', 'pop', 'gdp', 'pop'),
    word('unit', 'bn', 'm', 'bn', 'm'),
    number('value', 5, 50, 7, 70),
  )
  const reshaped = reshapeTable(long)
  t.equal(reshaped?.kind, 'long')
  t.same(
    reshaped?.table.columns.map(({ name, values }) => [name, values]),
    [
      ['country', ['A', 'B']],
      ['gdp', [5, 7]],
      ['pop', [50, 70]],
    ],
  )
  t.same([reshaped?.sourceRow(0), reshaped?.sourceRow(1)], [1, 3])
})

t.test('where the key does not tell rows apart a long table stays long', async (t) => {
  const indicator = word('indicator', 'gdp', 'gdp', 'pop', 'pop')
  t.equal(reshapeTable(tableOf(word('k', 'A', 'A', 'A', 'A'), indicator, number('value', 1, 2, 3, 4))), null)
})

t.test('a row a combination with its count becomes a row a case', async (t) => {
  const counts = tableOf(
    number('rownames', 1, 2, 3, 4),
    word('admit', 'yes', 'yes', 'no', 'no'),
    word('sex', 'm', 'f', 'm', 'f'),
    number('Freq', 3, 1, 2, 4),
  )
  const reshaped = reshapeTable(counts)
  t.strictSame(
    reshaped?.table.columns.map(({ name }) => name),
    ['admit', 'sex'],
  )
  t.equal(reshaped?.table.rows, 10)
  t.equal(reshaped?.sourceRow(9), 4)
  t.match(reshaped?.note, /4 rows were read as 10 cases/)
  const twice = tableOf(word('a', 'x', 'x', 'y'), word('b', 'u', 'u', 'v'), number('n', 3, 1, 2))
  t.equal(reshapeTable(twice), null, 'a combination that comes again is a list of things')
  const measured = tableOf(word('a', 'x', 'y'), word('b', 'u', 'v'), number('n', 3.5, 1))
  t.equal(reshapeTable(measured), null, 'and halves are no cases')
})

t.test('a row a year with twelve months becomes a row a month', async (t) => {
  const names = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
  const months = names.map((name, i) => number(name, i + 1, i + 101))
  const reshaped = reshapeTable(tableOf(number('YEAR', 1950, 1951), ...months))
  t.equal(reshaped?.table.rows, 24)
  t.same(valuesOf(reshaped?.table.columns, 'month')?.[13], Date.UTC(1951, 1, 1))
  t.same(valuesOf(reshaped?.table.columns, 'value')?.[13], 102)
  t.equal(reshaped?.sourceRow(13), 2)
  t.equal(reshapeTable(tableOf(number('YEAR', 1950, 1951), ...months.slice(1))), null, 'eleven are no year')
})
