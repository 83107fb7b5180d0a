import t from 'tap'
import { buildTable, columnNames } from '../../../../../services/agents/report/ingest/data/build-table.ts'

t.test('names: blanks are numbered, repeated ones too, long ones cut', async (t) => {
  t.strictSame(columnNames(['a', ' a ', '', 'a', 'b\n c']), ['a', 'a (2)', 'column 3', 'a (3)', 'b c'])
  t.strictSame(columnNames(['a', 'a (2)', 'a']), ['a', 'a (2)', 'a (3)'], 'never one that is taken')
  t.equal(columnNames(['x'.repeat(500)])[0]?.length, 200)
})

t.test('columns agree on the sign of decimals', async (t) => {
  const table = (decimal?: '.' | ',') =>
    buildTable({
      name: 't',
      rows: 2,
      notes: ['first'],
      columns: [
        { name: 'sure', cells: ['1,5', '2,25'] },
        { name: 'either', cells: ['1,234', '2,345'] },
      ],
      ...(decimal && { decimal }),
    })
  t.match(table(), { columns: [{ values: [1.5, 2.25] }, { values: [1.234, 2.345] }] })
  t.match(table('.'), { columns: [{}, { values: [1.234, 2.345] }] }, 'a column that tells outweighs the hint')
  t.equal(table().notes[0], 'first')
})

t.test('where no column tells, the hint counts, else the point', async (t) => {
  const values = (decimal?: '.' | ',') =>
    buildTable({
      name: 't',
      rows: 2,
      notes: [],
      columns: [{ name: 'x', cells: ['1,234', '2,345'] }],
      ...(decimal && { decimal }),
    }).columns[0]?.values
  t.strictSame(values(), [1234, 2345])
  t.strictSame(values(','), [1.234, 2.345])
})
