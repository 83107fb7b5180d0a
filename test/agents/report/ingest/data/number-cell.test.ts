import t from 'tap'
import { parseNumber } from '../../../../../services/agents/report/ingest/data/number-cell.ts'

t.test('numbers as people write them', async (t) => {
  const written: [cell: string, sign: '.' | ',', value: number | undefined][] = [
    ['-1,234.50', '.', -1234.5],
    ['1.234,50', ',', 1234.5],
    ['€ 1.234,50', ',', 1234.5],
    ['12,50 €', ',', 12.5],
    ['$1,000', '.', 1000],
    ['-$5', '.', -5],
    ['1 234 567', '.', 1234567],
    ["1'234.5", '.', 1234.5],
    ['(12)', '.', -12],
    ['\u22123', '.', -3],
    ['1e3', '.', 1000],
    ['.5', '.', 0.5],
    ['+4', '.', 4],
    ['1,23,4', '.', undefined],
    ['1.2.3', '.', undefined],
    ['e5', '.', undefined],
    ['-', '.', undefined],
    ['1e999', '.', undefined],
    ['0x10', '.', undefined],
  ]
  for (const [cell, sign, value] of written) t.equal(parseNumber(cell, sign), value, cell)
})
