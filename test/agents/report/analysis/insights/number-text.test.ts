import t from 'tap'
import {
  countText,
  listText,
  numberText,
  percentText,
  pValueText,
} from '../../../../../services/agents/report/analysis/insights/number-text.ts'

t.test('numbers: four digits, whole from a thousand on, powers of ten at the ends', async (t) => {
  t.equal(numberText(3.14169), '3.142')
  t.equal(numberText(0.00012345), '0.0001235')
  t.equal(numberText(1234.56), '1,235')
  t.equal(numberText(-999.96), '-1,000')
  t.equal(numberText(0), '0')
  t.equal(numberText(1e15), '1.00e+15')
  t.equal(numberText(-0.00001), '-1.00e-5')
})

t.test('shares: one decimal below ten per cent', async (t) => {
  t.equal(percentText(0.123), '12 %')
  t.equal(percentText(0.0512), '5.1 %')
  t.equal(percentText(-0.5), '-50 %')
  t.equal(percentText(0), '0 %')
})

t.test('p-values end at a thousandth', async (t) => {
  t.equal(pValueText(0.0009), 'p < 0.001')
  t.equal(pValueText(0.001), 'p = 0.001')
  t.equal(pValueText(0.0346), 'p = 0.035')
})

t.test('lists name a few and count the rest', async (t) => {
  t.equal(listText([]), '')
  t.equal(listText(['a']), 'a')
  t.equal(listText(['a', 'b']), 'a and b')
  t.equal(listText(['a', 'b', 'c']), 'a, b and c')
  t.equal(listText(['a', 'b', 'c', 'd', 'e', 'f']), 'a, b, c, d and 2 more')
  t.equal(listText(['a', 'b', 'c'], 1), 'a and 2 more')
})

t.test('counts agree with their noun', async (t) => {
  t.equal(countText(1, 'row'), '1 row')
  t.equal(countText(0, 'row'), '0 rows')
  t.equal(countText(1200, 'entry', 'entries'), '1,200 entries')
})
