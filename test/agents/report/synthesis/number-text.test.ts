import t from 'tap'
import {
  bytesText,
  coefficientText,
  countText,
  numberText,
  percentText,
  pValueText,
  quantityText,
  signedText,
} from '../../../../services/agents/report/synthesis/number-text.ts'

t.test('numbers are rounded to the range of their column', async (t) => {
  t.equal(numberText(421.0812, 105), '421.1')
  t.equal(numberText(-0.0342, 1.4), '−0.03')
  t.equal(numberText(3, 10), '3')
  t.equal(numberText(1234567.8, 5e6), '1.235M')
  t.equal(numberText(2024, 60), '2024')
  t.equal(numberText(-0.0001, 40), '0.0')
  t.equal(numberText(0.1 + 0.2), '0.3')
  t.equal(numberText(1.5e15), '1.50 × 10¹⁵')
  t.equal(numberText(-2.5e-9), '−2.50 × 10⁻⁹')
  t.equal(numberText(Number.NaN), 'not defined')
  t.equal(signedText(2, 10), '+2')
  t.equal(quantityText(12.34, 'ppm', 50), '12.3\u00a0ppm')
})

t.test('shares, chances, coefficients, counts and bytes', async (t) => {
  t.equal(percentText(0.372), '37 %')
  t.equal(percentText(0.042), '4.2 %')
  t.equal(percentText(0.0001), 'under 0.1 %')
  t.equal(percentText(0.9999), 'over 99.9 %')
  t.equal(percentText(1), '100 %')
  t.equal(pValueText(1e-9), 'p < 0.001')
  t.equal(pValueText(0.034), 'p = 0.034')
  t.equal(coefficientText(0.5), '+0.50')
  t.equal(countText(1, 'text'), '1 text')
  t.equal(countText(12_000, 'row'), '12,000 rows')
  t.equal(bytesText(18210), '18.2 kB')
  t.strictSame([0, 999, 1_000, 999_949, 999_950].map(bytesText), ['0 B', '999 B', '1 kB', '999.9 kB', '1 MB'])
  t.strictSame([1_039_500_000, 999_990_000, 2.5e12, 4e15].map(bytesText), [
    '1.04 GB',
    '1 GB',
    '2.5 TB',
    '4000 TB',
  ])
})
