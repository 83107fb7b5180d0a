import t from 'tap'
import {
  cellPosition,
  cellRange,
} from '../../../../../../services/agents/report/ingest/data/spreadsheet/cell-reference.ts'

t.test('cells and ranges as spreadsheets name them', async (t) => {
  t.strictSame(cellPosition('A1'), { row: 0, column: 0 })
  t.strictSame(cellPosition('$AB$12'), { row: 11, column: 27 })
  t.strictSame(cellPosition('XFD1048576'), { row: 1_048_575, column: 16_383 })
  for (const wrong of ['', 'A', '12', 'a1', 'A1:B2', undefined]) t.equal(cellPosition(wrong), undefined)
  t.strictSame(cellRange('A1:C3'), { first: { row: 0, column: 0 }, last: { row: 2, column: 2 } })
  t.strictSame(cellRange('B2'), { first: { row: 1, column: 1 }, last: { row: 1, column: 1 } })
  t.equal(cellRange('A1:'), undefined)
})
