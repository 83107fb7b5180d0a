import t from 'tap'
import { columnLabel, tableLabel } from '../../../../services/agents/report/synthesis/labels.ts'

t.test('units are read from names that state them, and only from those', async (t) => {
  t.same(columnLabel('CO2 (ppm)'), { label: 'CO2', unit: 'ppm' })
  t.same(columnLabel('speed [km/h]'), { label: 'speed', unit: 'km/h' })
  t.same(columnLabel('price_eur'), { label: 'price', unit: 'EUR' })
  t.same(columnLabel('vitamin_c'), { label: 'vitamin c', unit: undefined })
  t.same(columnLabel('co2.mean (ppm)'), { label: 'co2 mean', unit: 'ppm' })
  t.same(columnLabel('class constructor'), { label: 'class constructor', unit: undefined })
  t.same(columnLabel(''), { label: '(unnamed)', unit: undefined })
})

t.test('tables are named beside their documents', async (t) => {
  t.equal(tableLabel({ document: 'a.csv', table: 'a.csv' }), undefined)
  t.equal(tableLabel({ document: 'a.json', table: 'a.json#orders.lines' }), 'orders.lines')
  t.equal(tableLabel({ document: 'a.xlsx', table: 'Sheet 1' }), 'Sheet 1')
})
