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

t.test('columns of wide characters, emoji and combining marks stand under each other', async (t) => {
  const rows = [
    [{ text: '日本語' }, { text: '7' }, { text: 'a' }],
    [{ text: '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}' }, { text: '12' }, { text: 'b' }],
    [{ text: 'e\u0301' }, { text: '日' }, { text: 'c' }],
  ]
  const columns = [{ title: 'name' }, { title: 'n', align: 'right' as const }, { title: 'x' }]
  const painted: string[] = []
  const style = (padded: string) => {
    painted.push(padded)
    return padded
  }
  t.strictSame(renderTable(columns, rows, { paint: noPaint }), [
    '  name     n  x',
    '  日本語   7  a',
    '  \u{1f468}\u200d\u{1f469}\u200d\u{1f467}      12  b',
    '  e\u0301       日  c',
  ])
  renderTable([{ title: '' }, { title: '' }], [[{ text: '日', style }, { text: 'x' }]], { paint: noPaint })
  t.strictSame(painted, ['日'], 'a style gets the cell with its width')
})

t.test('a column that gives way is cut by columns', async (t) => {
  const rows = [[{ text: '日本語日本語日本語' }, { text: 'x' }]]
  const columns = [{ title: 'a', flexible: true }, { title: 'b' }]
  t.strictSame(renderTable(columns, rows, { paint: noPaint, width: 15, header: false }), ['  日本語日…   x'])
})
