import t from 'tap'
import { parseNumber, plainNumber } from '../../../../../services/agents/report/ingest/data/number-cell.ts'

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

t.test('plain numbers come out as Number reads them, bit for bit', async (t) => {
  const cells = [
    '0',
    '-0',
    '7',
    '-12.5',
    '0.1',
    '1.005',
    '123456789012345',
    '12345678901234.5',
    '0.00000000000001',
  ]
  for (const cell of cells) t.ok(Object.is(plainNumber(cell, '.'), Number(cell)), cell)
  t.equal(plainNumber('12,5', ','), 12.5)
})

t.test('what is more than plain is left to others', async (t) => {
  const cells = [
    '',
    '-',
    '.',
    '.5',
    '5.',
    '007',
    '-00',
    '1e5',
    '1,234',
    '1.2.3',
    ' 1',
    '+1',
    '1234567890123456',
  ]
  for (const cell of cells) t.equal(plainNumber(cell, '.'), undefined, cell)
})
