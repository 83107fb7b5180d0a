import t from 'tap'
import { hasHeader, readRows } from '../../../../../../services/agents/report/ingest/data/csv/read-rows.ts'

t.test('rows without quotes: blank lines are left out, every delimiter counts', async (t) => {
  t.strictSame(readRows('a;b\n\n  \n1;;\n', { delimiter: ';', maxRows: 9 }), {
    rows: [
      ['a', 'b'],
      ['1', '', ''],
    ],
    more: false,
    notes: [],
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

t.test('a header is words, or words and years in order over other values', async (t) => {
  const yes = [
    [
      ['name', 'size'],
      ['a', '1'],
    ],
    [
      ['', 'size', 'weight'],
      ['0', '1', '2'],
    ],
    [
      ['land', '2019', '2020'],
      ['A', '1.5', '2.5'],
    ],
  ]
  const no = [
    [],
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [
      ['name', '5'],
      ['a', '1'],
    ],
    [
      ['a', 'a', 'a', 'a'],
      ['1', '2', '3', '4'],
    ],
    [
      ['land', '2019', '2021', '2020'],
      ['A', '1.5', '2.5', '3.5'],
    ],
    [
      ['from', '2019', '2020'],
      ['A', '2021', '2022'],
    ],
    [
      ['a', '', ''],
      ['1', '2', '3'],
    ],
    [
      ['2024-01-01', 'x'],
      ['2024-01-02', 'y'],
    ],
    [
      ['x'.repeat(201), 'b'],
      ['1', '2'],
    ],
  ]
  for (const rows of yes) t.equal(hasHeader(rows), true, JSON.stringify(rows))
  for (const rows of no) t.equal(hasHeader(rows), false, JSON.stringify(rows).slice(0, 60))
})
