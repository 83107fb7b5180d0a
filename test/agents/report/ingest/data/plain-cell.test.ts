import t from 'tap'
import {
  asciiDigits,
  cellCleaner,
  hasOtherDigits,
} from '../../../../../services/agents/report/ingest/data/plain-cell.ts'

t.test('what nobody sees, and what keeps a text in a spreadsheet', async (t) => {
  t.equal(cellCleaner(['1.5', 'a']), undefined)
  t.equal(cellCleaner(['\u200e1.5', '2'])?.('\u200e1.5\u200f'), '1.5')
  const unwrap = cellCleaner(['="0010"', '="0011"'])
  t.equal(unwrap?.('="0012"'), '0012')
  t.equal(unwrap?.('plain'), 'plain')
  t.equal(cellCleaner(["'0010", "'0011"])?.("'0012"), '0012')
  t.equal(cellCleaner(["'n sync", 'b']), undefined)
})

t.test('digits of other scripts', async (t) => {
  for (const [cell, plain] of [
    ['１２．５', '12.5'],
    ['١٢٫٥', '12.5'],
    ['۱۲', '12'],
    ['१२', '12'],
    ['２０２１－０１', '2021-01'],
  ] as const) {
    t.ok(hasOtherDigits(cell))
    t.equal(asciiDigits(cell), plain)
  }
  t.notOk(hasOtherDigits('12'))
})
