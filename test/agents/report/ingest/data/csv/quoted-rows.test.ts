import t from 'tap'
import { quotedRows } from '../../../../../../services/agents/report/ingest/data/csv/quoted-rows.ts'

const rowsOf = (text: string, maxRows = 100) => quotedRows(text, { delimiter: ',', quote: '"', maxRows })

t.test('quotes around cells, with delimiters, line ends and doubled quotes within', async (t) => {
  t.strictSame(rowsOf('a,"b,c",d\n"x\ny","say ""hi""",""\n'), [
    ['a', 'b,c', 'd'],
    ['x\ny', 'say "hi"', ''],
  ])
  t.strictSame(rowsOf('"a"'), [['a']])
  t.strictSame(rowsOf('"a",\n,"b"'), [
    ['a', ''],
    ['', 'b'],
  ])
})

t.test('a quote inside a cell that begins without one is a character', async (t) => {
  t.strictSame(rowsOf('5",a "b" c\n'), [['5"', 'a "b" c']])
})

t.test('empty lines are left out, blank ones and empty quotes are rows', async (t) => {
  t.strictSame(rowsOf('"a"\n\n ,\n""\n'), [['a'], [' ', ''], ['']])
})

t.test('no more rows than asked for are looked at', async (t) => {
  t.strictSame(rowsOf('"a"\n"b"\n"never closed', 2), [['a'], ['b']])
})

t.test('what is out of order is left to the general parser', async (t) => {
  t.equal(rowsOf('a,"b\nc,d'), undefined)
  t.equal(rowsOf('a,"b" c\n'), undefined)
  t.equal(rowsOf('"a"b'), undefined)
})

t.test('time grows with the text, also where no delimiter comes', async (t) => {
  const rows = rowsOf(`"a"\n${'5"\n'.repeat(50_000)}`, 60_000)
  t.equal(rows?.length, 50_001)
})
