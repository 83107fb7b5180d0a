import t from 'tap'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderTable } from '../../../services/cli/output/table.ts'

t.test('tables are aligned, and the flexible column gives way', async (t) => {
  const columns = [
    { title: 'id' },
    { title: 'note', flexible: true },
    { title: 'ms', align: 'right' as const },
  ]
  const rows = [
    [{ text: 'a' }, { text: 'a note that is much too long' }, { text: '7' }],
    [{ text: 'bcd' }, { text: 'short' }, { text: '1234' }],
  ]
  t.strictSame(renderTable(columns, rows, { paint: noPaint, width: 30 }), [
    '  id   note                 ms',
    '  a    a note that is m…     7',
    '  bcd  short              1234',
  ])
})
