import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Column, Table } from '#schemas/document.ts'
import { parseCsv } from '../../../../services/agents/report/ingest/data/csv/parse-csv.ts'

const read = (name: string): Table =>
  parseCsv(readFileSync(new URL(`./inputs/${name}`, import.meta.url), 'utf8'), { name })
const column = (name: string, at = 1): Column => read(name).columns[at]!
const names = (name: string) => read(name).columns.map((one) => one.name)
const day = (text: string) => Date.parse(`${text}T00:00:00Z`)
const present = (of: Column) => of.values.filter((value) => typeof value === 'number')
const mean = (of: Column) => present(of).reduce((sum, value) => sum + value, 0) / present(of).length

t.test('missing, infinite and censored values', async (t) => {
  for (const [name, mark, count] of [
    ['missing_dot.csv', '.', 15],
    ['missing_div0.csv', '#DIV/0!', 12],
    ['inf.csv', 'inf', 7],
  ] as const) {
    t.match(column(name), { kind: 'number', malformedCount: 0, missingMarks: [{ mark, count }] }, name)
    t.equal(present(column(name)).length, 60 - count, name)
    t.match(read(name).notes, [new RegExp(`${count} of 60`)], name)
  }
  t.match(column('censored.csv'), {
    kind: 'number',
    censored: { below: { length: 23 }, above: { length: 0 } },
  })
})

t.test('dates in the spellings people use', async (t) => {
  const first: Record<string, [ms: number, granularity: string]> = {
    'date_d_mon_y.csv': [day('2021-01-01'), 'day'],
    'date_epoch.csv': [day('2021-01-01'), 'day'],
    'date_yymmdd.csv': [day('2021-01-01'), 'day'],
    'date_mon_yyyy.csv': [day('2021-01-01'), 'month'],
    'date_isoweek.csv': [day('2020-12-28'), 'week'],
    'date_ampm.csv': [Date.UTC(2021, 0, 1, 13, 30), 'time'],
  }
  for (const [name, [ms, granularity]] of Object.entries(first))
    t.match(column(name, 0), { kind: 'temporal', granularity, malformedCount: 0, values: [ms] }, name)
  t.match(read('date_ambiguous.csv'), { columns: [{ kind: 'text' }], notes: [/cannot be told apart/] })
  t.match(read('baddate.csv').notes, [/2 dates lie decades from all others \(2203-05-01 .*1900-01-01/])
})

t.test('names, preambles, units', async (t) => {
  t.strictSame(names('preamble.csv'), ['Date', 'Rain (mm)', 'Temp (°C)'])
  t.strictSame(names('numeric_header2.csv'), ['city', '2021', '2020', '2019'])
  t.strictSame(names('age_header.csv'), ['age', '0', '5', '10', '15'])
  t.strictSame(names('merged_header.csv'), ['region', 'units 2022', 'price 2022', 'units 2023', 'price 2023'])
  t.match(read('units_row.csv'), {
    rows: 40,
    columns: [{ unit: 's' }, { unit: '°C' }, { unit: 'hPa' }, { unit: 'L/min' }],
  })
  t.match(read('units_row_short.csv'), {
    columns: [
      { kind: 'number', unit: 's' },
      { kind: 'number', unit: '°C' },
    ],
  })
  t.match(read('header_only.csv'), { rows: 0, notes: [/no rows/] })
})

t.test('numbers that are read rightly', async (t) => {
  t.equal(Math.round(mean(column('thousands_mixed.csv')) * 10) / 10, 30_713.8)
  t.match(column('sentinel.csv'), { missingMarks: [{ mark: '-999', count: 33 }] })
  t.ok(Math.abs(mean(column('sentinel.csv')) - 12) < 1)
  t.equal(mean(column('total_row.csv')), 15.5)
  t.match(read('total_row.csv').notes, [/The row "Total"/])
})

t.test('rows and cells', async (t) => {
  t.match(read('ragged_note.csv').losses, [/5 rows have more cells than 3.*5 cells were left out/])
  t.match(read('dup_rows.csv').notes, [/60 of 90 rows/])
  t.match(column('backslash_quote.csv', 2), { name: 'score', kind: 'number' })
  t.equal(column('na_country.csv', 0).values[0], 'NA')
})
