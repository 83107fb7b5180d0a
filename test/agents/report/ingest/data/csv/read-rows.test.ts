import t from 'tap'
import { readRows } from '../../../../../../services/agents/report/ingest/data/csv/read-rows.ts'

t.test('rows without quotes: blank lines are left out, every delimiter counts', async (t) => {
  t.strictSame(readRows('a;b\n\n  \n1;;\n', { delimiter: ';', maxRows: 9 }), {
    rows: [
      ['a', 'b'],
      ['1', '', ''],
    ],
    more: false,
    notes: [],
    losses: [],
  })
})

t.test('quotes hold delimiters and line ends; one that never closes is a character', async (t) => {
  t.strictSame(readRows('a,"b\n,c"\n"d ""e""",f', { delimiter: ',', maxRows: 9 }).rows, [
    ['a', 'b\n,c'],
    ['d "e"', 'f'],
  ])
  const open = readRows('a,"b\nc,d', { delimiter: ',', maxRows: 9 })
  t.strictSame(open.rows, [
    ['a', '"b'],
    ['c', 'd'],
  ])
  t.match(open.notes, [/never closed/])
})

t.test('no more rows than asked for, and it says that there are more', async (t) => {
  for (const text of ['1\n2\n3', '"1"\n2\n3']) {
    t.match(readRows(text, { delimiter: ',', maxRows: 2 }), { rows: { length: 2 }, more: true }, text)
    t.match(readRows(text, { delimiter: ',', maxRows: 3 }), { rows: { length: 3 }, more: false }, text)
  }
})
