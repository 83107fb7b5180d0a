import t from 'tap'
import {
  countsRows,
  filledWidth,
  fullWidth,
  withRowNames,
} from '../../../../../../services/agents/report/ingest/data/csv/table-width.ts'

t.test('trailing delimiters widen nothing, and name no rows', async (t) => {
  t.equal(filledWidth(['1', '', '2', ' ', '']), 3)
  const trailing = Array.from({ length: 10 }, (_, i) => [String(i), '5', ''])
  t.strictSame(withRowNames(['a', 'b'], trailing), ['a', 'b'])
  t.equal(fullWidth(['a', 'b'], trailing.map(filledWidth)), 2)
})

t.test('a header that lacks the name of the rows', async (t) => {
  const rows = Array.from({ length: 10 }, (_, i) => [String(i + 1), '5', '6'])
  t.strictSame(withRowNames(['a', 'b'], rows), ['', 'a', 'b'])
  t.equal(countsRows(['', 'a', 'b'], rows), 'index')
  t.equal(countsRows(['', 'index', 'b'], rows), 'row')
  t.equal(countsRows(['id', 'a', 'b'], rows), undefined)
  t.equal(countsRows(['', 'a', 'b'], [...rows, ['99', '5', '6']]), undefined)
})

t.test('most rows tell the width, one broken line does not', async (t) => {
  t.equal(fullWidth(['a', 'b'], [2, 2, 2, 9]), 2)
  t.equal(fullWidth(['a', 'b'], Array(10).fill(3)), 3)
  t.equal(fullWidth([], [...Array(19).fill(4), 9]), 4)
})
