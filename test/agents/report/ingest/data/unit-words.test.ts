import t from 'tap'
import {
  conversionFactor,
  unitOfName,
  unitWord,
} from '../../../../../services/agents/report/ingest/data/unit-words.ts'

t.test('units in their usual form, and words that are none', async (t) => {
  const units: [written: string, unit: string | undefined][] = [
    ['[hPa]', 'hPa'],
    ['degC', '°C'],
    ['L/min', 'L/min'],
    ['m3/s', 'm3/s'],
    ['µg/m³', 'µg/m³'],
    ['%', '%'],
    ['minutes', 'min'],
    ['EUR', 'EUR'],
    ['name', undefined],
    ['total', undefined],
    ['n', undefined],
    ['Hill', undefined],
    ['constructor', undefined],
    ['toString', undefined],
  ]
  for (const [written, unit] of units) t.equal(unitWord(written), unit, written)
})

t.test('units in names', async (t) => {
  const names: [name: string, unit: string | undefined][] = [
    ['Rain (mm)', 'mm'],
    ['Temp [°C]', '°C'],
    ['price_usd', 'USD'],
    ['weight_kg', 'kg'],
    ['Anteil in %', '%'],
    ['Cost (in EUR)', 'EUR'],
    ['Sales (total)', undefined],
    ['temp_min', undefined],
    ['last 7 days', undefined],
    ['Berlin', undefined],
  ]
  for (const [name, unit] of names) t.equal(unitOfName(name), unit, name)
})

t.test('conversion within a dimension only', async (t) => {
  t.equal(conversionFactor('h', 'min'), 60)
  t.equal(conversionFactor('kg', 'kg'), 1)
  t.equal(conversionFactor('kg', 'm'), undefined)
  t.equal(conversionFactor('$', '€'), undefined)
  t.equal(conversionFactor('constructor', 'toString'), undefined)
})
