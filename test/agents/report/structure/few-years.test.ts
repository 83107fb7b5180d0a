import t from 'tap'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../analysis/sample-documents.ts'

const yearly = (years: readonly number[], rowsAYear: number) => {
  const rows = years.length * rowsAYear
  const at = (row: number) => years[row % years.length]!
  return prepareTable('a.csv', {
    name: 'a.csv',
    rows,
    notes: [],
    columns: [
      {
        ...column(
          'year',
          'temporal',
          Array.from({ length: rows }, (_, row) => Date.UTC(at(row), 0, 1)),
        ),
        granularity: 'year',
      },
      column(
        'mass',
        'number',
        Array.from({ length: rows }, (_, row) => 3 + ((row * 7) % 11) / 10),
      ),
    ],
  })
}

t.test('a few years of many rows are rounds of a survey: groups, and no order', async (t) => {
  const table = yearly([2007, 2008, 2009], 40)
  t.equal(table.structure.kind, 'cross-section')
  t.equal(table.axis, null)
  const year = table.categories.find(({ name }) => name === 'year')
  t.strictSame(year?.names.toSorted(), ['2007', '2008', '2009'])
})

t.test('a row a year, and many years, stay a series', async (t) => {
  t.equal(yearly([2004, 2005, 2006, 2007, 2008, 2009], 1).structure.kind, 'time-series')
  t.equal(
    yearly(
      Array.from({ length: 12 }, (_, i) => 1970 + i),
      30,
    ).structure.kind,
    'time-series',
  )
})
