import t from 'tap'
import { readCsvHead } from '../../../../../services/agents/report/ingest/large/csv-head.ts'

const names = (head: string) => readCsvHead(head).columns.map(({ name }) => name)

t.test('delimiter, names and the line where the values begin', async (t) => {
  const plain = readCsvHead('a;b\n1;2\n3;4\n')
  t.match(plain, { dialect: { delimiter: ';' }, header: ['a', 'b'], linesAbove: 1, notes: [], losses: [] })
  t.same(
    plain.columns.map(({ name }) => name),
    ['a', 'b'],
  )
  const without = readCsvHead('1,2\n3,4\n5,6\n')
  t.match(without, { header: [], linesAbove: 0 })
  t.same(without.notes, ['The first row holds values, so the columns have no names.'])
  t.equal(without.columns.length, 2)
})

t.test('a name over two lines counts as two lines', async (t) => {
  const { linesAbove, columns } = readCsvHead('"a\nx",b\n1,2\n3,4\n')
  t.equal(linesAbove, 2)
  t.equal(columns.length, 2)
})

t.test('names of rows without a name', async (t) => {
  t.same(names(',x\n0,5\n1,7\n2,9\n'), ['index', 'x'], 'they count from 0')
  t.same(names(',index\n1,5\n2,7\n3,9\n'), ['row', 'index'], 'the name is taken')
  t.equal(names('x,y\nanna,5,1\nben,7,2\ncleo,9,3\n').length, 3, 'as R writes them')
})

t.test('a cell at the end that goes on beyond it is no row', async (t) => {
  const { columns, linesAbove } = readCsvHead('a,b\n1,"x"\n2,"y"\n3,"goes on\n')
  t.same(
    columns.map(({ name }) => name),
    ['a', 'b'],
  )
  t.equal(linesAbove, 1)
})

t.test('columns beyond the limit are told, nothing at all is no table', async (t) => {
  const wide = [1, 2, 3].map((row) =>
    Array.from({ length: 502 }, (_, i) => (row === 1 ? `n${i}` : i)).join(','),
  )
  const { columns, losses } = readCsvHead(`${wide.join('\n')}\n`)
  t.equal(columns.length, 500)
  t.same(losses, ['Only the first 500 of 502 columns were read.'])
  t.throws(() => readCsvHead(''), { code: 'BROKEN_FILE' })
})

t.test('numbers with commas that are not in quotes: where their columns begin', async (t) => {
  const head = (values: number[]) => {
    const rows = values.map((value, i) => `x${i},${value.toLocaleString('en-US')}`)
    return readCsvHead(`name,value\n${rows.join('\n')}\n`)
  }
  t.match(head([40, 3440, 1_143_141, 841]), { tornFrom: 1, losses: [], isCut: false })
  const all = head([1040, 3440, 2_050, 8_041])
  t.equal(all.tornFrom, 1)
  t.same(
    all.columns.map(({ name }) => name),
    ['name', 'value'],
    'no names of rows',
  )
  t.equal(head([40, 50, 60, 70]).tornFrom, undefined)
})
