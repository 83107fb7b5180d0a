import t from 'tap'
import { rowsText } from '../../../../services/agents/report/synthesis/rows-text.ts'

t.test('rows by number, and how many more', async (t) => {
  t.equal(rowsText([4]), 'row 4')
  t.equal(rowsText([4, 9]), 'rows 4, 9')
  t.match(rowsText(Array.from({ length: 23 }, (_, i) => i + 1)), /^rows 1, .*, 20 and 3 more$/)
})
