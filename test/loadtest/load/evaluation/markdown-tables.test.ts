import t from 'tap'
import { markdownTable, markdownTables } from '../../../../loadtest/load/evaluation/markdown-tables.ts'

t.test('columns are as wide as their widest cell, and a bar stays in its cell', async (t) => {
  t.equal(
    markdownTable(
      ['what', 'n'],
      [
        ['a longer name', 12],
        ['a|b', '1,000 ≥'],
      ],
    ),
    `| what          | n       |
| ------------- | ------- |
| a longer name | 12      |
| a\\|b          | 1,000 ≥ |`,
  )
})

t.test('tables with their titles, then what is to be said about them', async (t) => {
  const tables = [{ title: 'One', columns: ['a', 'b'], rows: [['x', 1]] }]
  t.match(
    markdownTables({ tables, notes: ['A note.'] }),
    /^\*\*One\*\*\n\n\| a +\| b +\|[\s\S]*\n\nA note\.$/,
  )
})
