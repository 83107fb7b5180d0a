import t from 'tap'
import { sniffDialect } from '../../../../../../services/agents/report/ingest/data/csv/sniff-dialect.ts'

t.test('what separates cells evenly in most lines is the delimiter', async (t) => {
  t.match(sniffDialect('a,b\n1,2\n3,4'), { delimiter: ',', start: 0, above: { length: 0 } })
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
  t.match(sniffDialect(text), { delimiter: ',', start: text.indexOf('x'), above: { length: 2 } })
})

t.test('titles with fewer cells lie before it too', async (t) => {
  const text = 'Report of May\n\na,b,c\n1,2,3\n4,5,6'
  t.match(sniffDialect(text), { delimiter: ',', start: text.indexOf('a,b'), above: { length: 1 } })
  const long = `${'title\n'.repeat(25)}${'1,2,3\n'.repeat(60)}`
  t.equal(sniffDialect(long).start, 0, 'more than 20 lines are no title')
})

t.test('a spreadsheet says it itself', async (t) => {
  t.match(sniffDialect('sep=;\na,b;c\n'), { delimiter: ';', start: 6, above: { length: 0 } })
  t.match(sniffDialect(''), { start: 0, above: { length: 0 } })
})

t.test('quotes: doubled, after a backslash, single', async (t) => {
  t.match(sniffDialect('a,b\n"x ""y"" z",1\n'), { quote: '"', escapeMark: '"' })
  t.match(sniffDialect('a,b\n"he said \\"hi, you\\" twice",1\n'), {
    quote: '"',
    escapeMark: '\\',
    delimiter: ',',
  })
  t.match(sniffDialect("a,b\n'x, y','1'\n'z','2'\n"), { quote: "'", escapeMark: "'", delimiter: ',' })
  t.match(sniffDialect("name,n\nO'Hara,1\nD'Arc,2\n"), { quote: '"' }, 'an apostrophe encloses nothing')
})

t.test('facts about the file above a table of the same or another width', async (t) => {
  const text =
    'Station report\nGenerated: today, version 2\nStation,Hill\n\nDate,Rain,Temp\n2024-01-01,5,6\n2024-01-02,5,6\n'
  t.equal(sniffDialect(text).start, text.indexOf('Date,'))
})
