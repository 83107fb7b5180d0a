import fc from 'fast-check'
import t from 'tap'
import { parseCsv } from '../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { csvText } from '../../../../../services/agents/report/ingest/data/csv-text.ts'

t.test('cells with delimiters, quotes and line ends come through', async (t) => {
  const table = parseCsv(
    csvText([
      ['name', 'n'],
      ['a, "b";\tc', '1'],
      ['d\ne', '2'],
    ]),
    { name: 't' },
  )
  t.strictSame(table.columns[0]!.values, ['a, "b"; c', 'd e'])
  t.strictSame(table.columns[1]!.values, [1, 2])
})

t.test('any words do', async () => {
  const word = fc.string({ minLength: 1, maxLength: 12 }).map((text) => `w${text.replace(/\s+/g, ' ')}w`)
  fc.assert(
    fc.property(fc.array(word, { minLength: 3, maxLength: 8 }), (words) => {
      const rows = [['name', 'n'], ...words.map((cell, i) => [cell, String(i)])]
      const { columns } = parseCsv(csvText(rows), { name: 't' })
      return String(columns[0]!.values) === String(words.map((cell) => cell.trim()))
    }),
  )
})
