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
