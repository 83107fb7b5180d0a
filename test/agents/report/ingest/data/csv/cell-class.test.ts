import t from 'tap'
import { cellClass } from '../../../../../../services/agents/report/ingest/data/csv/cell-class.ts'

t.test('what a cell looks like by itself', async (t) => {
  const classes: Record<string, string[]> = {
    blank: ['', ' ', 'NA', '.', '#DIV/0!', 'inf', 'None'],
    number: ['1', '-1.5', '1.234,5', '<0.05', '5 kg', '$3', '1:23:45', '4 %', '(12)'],
    date: ['2024-01-01', 'Jan 2021', '1/31/21', '2021-W04', '2024-02-31'],
    flag: ['true', 'FALSE'],
    word: ['name', '0-4', 'a0', '1.2.3', '12 Main Street 5'],
  }
  for (const [expected, cells] of Object.entries(classes))
    for (const cell of cells) t.equal(cellClass(cell), expected, cell)
})
