import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { parseCsv } from '../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'

const csv = (text: string) => parseCsv(text, { name: 'a.csv' })

const columnOf = (text: string, i = 0): Column => csv(text).columns[i]!

const list = (name: string, ...cells: string[]) => columnOf([name, ...cells].join('\n'))

t.test('kinds of columns', async (t) => {
  t.match(list('x', 'true', 'FALSE', ''), { kind: 'boolean', values: [true, false] })
  t.match(list('x', 'ja', 'nein', 'ja'), { kind: 'boolean', values: [true, false, true] })
  t.match(list('zip', '01234', '99999', '00001'), { kind: 'text', values: ['01234', '99999', '00001'] })
  t.match(list('id', '12345678901234567890', '22345678901234567890'), { kind: 'text' })
  t.match(list('x', 'a', 'b', 'a', 'b'), { kind: 'category' })
  t.match(list('x', 'a', 'b', 'c', 'd'), { kind: 'text' })
  t.match(columnOf('x,y\n,1\nNA,2'), { kind: 'empty', values: [null, null] })
  t.strictSame(list('x', '1', 'NA', 'n/a', 'null', 'NaN', '-', '–', '?', '2').values, [
    1,
    ...Array(7).fill(null),
    2,
  ])
  const eighteen = Array.from({ length: 18 }, (_, i) => `${i}.5`)
  t.match(list('x', ...eighteen, 'oops'), {
    kind: 'number',
    malformedCount: 1,
    malformed: [{ row: 19, value: 'oops' }],
  })
  t.match(list('x', '1', '2', 'oops'), { kind: 'text' })
  t.match(csv('x\n5 %\n7,5 %'), { columns: [{ kind: 'number', values: [5, 7.5] }], notes: [/given in %/] })
})
