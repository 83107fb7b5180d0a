import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { parseCsv } from '../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'

const csv = (text: string) => parseCsv(text, { name: 'a.csv' })

const columnOf = (text: string, i = 0): Column => csv(text).columns[i]!

const list = (name: string, ...cells: string[]) => columnOf([name, ...cells].join('\n'))

const day = (year: number, month: number, date: number) => Date.UTC(year, month - 1, date)

t.test('times', async (t) => {
  const times: [cell: string, ms: number][] = [
    ['2024-02-29', day(2024, 2, 29)],
    ['2024-02-29T12:30:15.5Z', Date.UTC(2024, 1, 29, 12, 30, 15, 500)],
    ['2024-02-29 12:30+02:00', Date.UTC(2024, 1, 29, 10, 30)],
    ['2024-05', day(2024, 5, 1)],
    ['2024/5/3', day(2024, 5, 3)],
    ['31.12.2023', day(2023, 12, 31)],
    ['12/31/2023', day(2023, 12, 31)],
    ['31/12/2023', day(2023, 12, 31)],
    ['2024-Q3', day(2024, 7, 1)],
  ]
  for (const [cell, ms] of times) t.match(list('x', cell), { kind: 'temporal', values: [ms] }, cell)
  t.match(csv('x\n01/02/2024\n03/04/2024'), { columns: [{ kind: 'text' }], notes: [/cannot be told apart/] })
  t.match(list('x', '2023-02-30'), { kind: /text|category/ }, 'there is no such day')
  t.match(list('Jahr', '1999', '2000'), { kind: 'temporal', values: [day(1999, 1, 1), day(2000, 1, 1)] })
  t.match(list('years of work', '3', '4'), { kind: 'number' })
  t.match(list('height', '1999', '2000'), { kind: 'number' })
})

t.test('times as people spell them', async (t) => {
  const spellings: [cell: string, ms: number, granularity: string][] = [
    ['1/31/21', day(2021, 1, 31), 'day'],
    ['31-01-2021', day(2021, 1, 31), 'day'],
    ['31.01.21', day(2021, 1, 31), 'day'],
    ['01-Jan-2021', day(2021, 1, 1), 'day'],
    ['Jan 1 2000', day(2000, 1, 1), 'day'],
    ['1. März 2021', day(2021, 3, 1), 'day'],
    ['1 de enero de 2021', day(2021, 1, 1), 'day'],
    ['01JAN2021', day(2021, 1, 1), 'day'],
    ['"Fri, 01 Jan 2021 10:00:00 GMT"', Date.UTC(2021, 0, 1, 10), 'time'],
    ['2021-01-01 10:00:00+00', Date.UTC(2021, 0, 1, 10), 'time'],
    ['01/31/2021 2:30 PM', Date.UTC(2021, 0, 31, 14, 30), 'time'],
    ['2021.01.31', day(2021, 1, 31), 'day'],
    ['2021年1月31日', day(2021, 1, 31), 'day'],
    ['Jan-21', day(2021, 1, 1), 'month'],
    ['2021M02', day(2021, 2, 1), 'month'],
    ['1Q21', day(2021, 1, 1), 'quarter'],
    ['2021-W04', day(2021, 1, 25), 'week'],
    ['2020/21', day(2020, 1, 1), 'year'],
    ['FY2020', day(2020, 1, 1), 'year'],
  ]
  for (const [cell, ms, granularity] of spellings)
    t.match(list('x', cell), { kind: 'temporal', values: [ms], granularity }, cell)
  for (const cell of ['1.2.13', 'May', '12:30', '3-2', '2021-13-01', '555-1234'])
    t.not(list('x', cell).kind, 'temporal', cell)
})
