import t from 'tap'
import { tableNames } from '../../../../../services/agents/report/ingest/text/table-names.ts'

t.test('tables of a document', async (t) => {
  t.strictSame(tableNames(['Sales'], 'a.md'), ['a.md'], 'the only one has the name of the document')
  t.strictSame(tableNames(['Sales', undefined, ' Sales  '], 'a.md'), [
    'a.md#Sales',
    'a.md#table 2',
    'a.md#Sales (2)',
  ])
  t.equal(tableNames(['x'.repeat(500), 'y'], 'a')[0]!.length, 82)
})
