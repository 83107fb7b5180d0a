import t from 'tap'
import {
  builtInFormat,
  formattedNumber,
  parseNumberFormat,
} from '../../../../../../services/agents/report/ingest/data/spreadsheet/number-format.ts'

t.test('codes of formats', async (t) => {
  const kinds: [code: string, kind: string][] = [
    ['General', 'number'],
    ['#,##0.00', 'number'],
    ['0.0%', 'percent'],
    ['dd/mm/yyyy', 'date'],
    ['[$-409]d-mmm-yy;@', 'date'],
    ['yyyy\\-mm\\-dd\\ hh:mm', 'date'],
    ['h:mm AM/PM', 'time'],
    ['[h]:mm:ss', 'elapsed'],
    ['0 "days"', 'number'],
    ['[Red]0.00', 'number'],
    ['#,##0 [$€-407]', 'currency'],
    ['"$"#,##0.00_);[Red]\\("$"#,##0.00\\)', 'currency'],
  ]
  for (const [code, kind] of kinds) t.equal(parseNumberFormat(code).kind, kind, code)
  t.match(
    [9, 14, 21, 22, 0, 999].map((id) => builtInFormat(id).kind),
    ['percent', 'date', 'time', 'date', 'number', 'number'],
  )
})

t.test('numbers as people write them', async (t) => {
  const write = (raw: string, code: string, is1904 = false) =>
    formattedNumber(raw, parseNumberFormat(code), { is1904 })
  t.equal(write('0.07', '0%'), '7%')
  t.equal(write('12.5', '#,##0.00 [$€-407]'), '12.5 €')
  // Excel 365: 2024-01-31 is 45322, and 1462 days earlier in workbooks that count from 1904.
  t.equal(write('45322', 'yyyy-mm-dd'), '2024-01-31')
  t.equal(write('43860', 'yyyy-mm-dd', true), '2024-01-31')
  t.equal(write('45322.520833333336', 'dd.mm.yyyy hh:mm'), '2024-01-31T12:30:00')
  t.equal(write('1', 'yyyy-mm-dd'), '1900-01-01')
  t.equal(write('61', 'yyyy-mm-dd'), '1900-03-01')
  t.equal(write('0.520833333333333', 'hh:mm'), '12:30:00')
  t.equal(write('1.5', '[h]:mm:ss'), '36:00:00')
  t.equal(write('-5', 'yyyy-mm-dd'), '-5', 'no date at all')
  t.equal(write('1e300', 'yyyy-mm-dd'), '1e300')
})
