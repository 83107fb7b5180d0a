import t from 'tap'
import { provenanceText, rowsText } from '../../../../services/console/screens/report/provenance-text.ts'

t.test('a place is told from the file down to the row', async (t) => {
  const about = { document: 'a.csv', table: 'a.csv', column: 'amount', rows: [17], method: 'm' }
  t.equal(provenanceText(about), 'a.csv › amount › row 17')
  t.equal(provenanceText({ document: 'a.json', table: 'a.json#x', method: 'm' }), 'a.json › a.json#x')
  t.equal(rowsText([]), undefined)
  t.equal(rowsText([1, 2, 3, 4, 5, 6, 7, 8]), 'rows 1, 2, 3, 4, 5, 6 and 2 more')
})
