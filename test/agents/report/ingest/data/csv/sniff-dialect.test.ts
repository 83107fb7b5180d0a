import t from 'tap'
import { sniffDialect } from '../../../../../../services/agents/report/ingest/data/csv/sniff-dialect.ts'

t.test('what separates cells evenly in most lines is the delimiter', async (t) => {
  t.match(sniffDialect('a,b\n1,2\n3,4'), { delimiter: ',', start: 0, skippedLines: 0 })
  t.match(sniffDialect('a\tb, c\n1\t2, 3'), { delimiter: '\t' })
  t.match(sniffDialect('a|b\n1|2'), { delimiter: '|' })
  t.match(sniffDialect('a;b\n1,5;2,5'), { delimiter: ';' }, 'the comma is the decimal sign')
  t.match(sniffDialect('"x;y",2\n"z;w",3'), { delimiter: ',' }, 'what is in quotes does not separate')
})

t.test('one column: numbers with a decimal comma are not cut', async (t) => {
  t.match(sniffDialect('price\n1,5\n2,5'), { delimiter: '\t' })
  t.match(sniffDialect('price\n1.5\n2.5'), { delimiter: ',' })
})

t.test('comments and blank lines lie before the table, comments are counted', async (t) => {
  const text = '# a\n\n// b\nx,y\n1,2\n'
  t.strictSame(sniffDialect(text), { delimiter: ',', start: text.indexOf('x'), skippedLines: 2 })
})

t.test('titles with fewer cells lie before it too', async (t) => {
  const text = 'Report of May\n\na,b,c\n1,2,3\n4,5,6'
  t.strictSame(sniffDialect(text), { delimiter: ',', start: text.indexOf('a,b'), skippedLines: 1 })
  const long = `${'title\n'.repeat(25)}${'1,2,3\n'.repeat(60)}`
  t.equal(sniffDialect(long).start, 0, 'more than 20 lines are no title')
})

t.test('a spreadsheet says it itself', async (t) => {
  t.strictSame(sniffDialect('sep=;\na,b;c\n'), { delimiter: ';', start: 6, skippedLines: 0 })
  t.match(sniffDialect(''), { start: 0, skippedLines: 0 })
})
