import t from 'tap'
import { columnLabel, tableLabel } from '../../../../services/agents/report/synthesis/labels.ts'
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
import { clockText, timeText, timeUnitOf } from '../../../../services/agents/report/synthesis/time-text.ts'

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
})

t.test('units are read from names that state them, and only from those', async (t) => {
  t.same(columnLabel('CO2 (ppm)'), { label: 'CO2', unit: 'ppm' })
  t.same(columnLabel('speed [km/h]'), { label: 'speed', unit: 'km/h' })
  t.same(columnLabel('price_eur'), { label: 'price', unit: 'EUR' })
  t.same(columnLabel('vitamin_c'), { label: 'vitamin c', unit: undefined })
  t.same(columnLabel('co2.mean (ppm)'), { label: 'co2 mean', unit: 'ppm' })
  t.same(columnLabel(''), { label: '(unnamed)', unit: undefined })
})

t.test('tables are named beside their documents', async (t) => {
  t.equal(tableLabel({ document: 'a.csv', table: 'a.csv' }), undefined)
  t.equal(tableLabel({ document: 'a.json', table: 'a.json#orders.lines' }), 'orders.lines')
  t.equal(tableLabel({ document: 'a.xlsx', table: 'Sheet 1' }), 'Sheet 1')
})

t.test('times are as fine as their spacing', async (t) => {
  const day = 86_400_000
  t.equal(timeUnitOf([0, 365 * day, 730 * day]), 'year')
  t.equal(timeUnitOf([0, 31 * day, 59 * day]), 'month')
  t.equal(timeUnitOf([0, day]), 'day')
  t.equal(timeUnitOf([0, 60_000]), 'minute')
  t.equal(timeUnitOf([]), 'day')
  t.equal(timeText(Date.UTC(2019, 2, 3), 'month'), 'Mar 2019')
  t.equal(clockText(3725), '1:02:05')
  t.equal(clockText(65), '1:05')
})
