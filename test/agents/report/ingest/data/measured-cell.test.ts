import t from 'tap'
import {
  readMeasured,
  thousandsNotation,
  unitOf,
  unitsIn,
} from '../../../../../services/agents/report/ingest/data/measured-cell.ts'

t.test('bounds, units and durations', async (t) => {
  t.strictSame(readMeasured('<0.05', { decimal: '.' }), { value: 0.05, bound: 'below' })
  t.strictSame(readMeasured('>= 1,5', { decimal: ',' }), { value: 1.5, bound: 'above' })
  t.strictSame(readMeasured('12.5 kg', { decimal: '.', unit: 'kg' }), { value: 12.5 })
  t.equal(readMeasured('12.5 kg', { decimal: '.', unit: 'lb' }), undefined)
  t.equal(readMeasured('1.2.3', { decimal: '.' }), undefined, 'a version is no number')
  t.strictSame(readMeasured('1:02:03', { decimal: '.', isDuration: true }), { value: 3723 })
  t.strictSame(unitOf('weight', ['12 kg', '3.5 kg', '4 kg']), { unit: 'kg' })
  t.strictSame(unitOf('a', ['12 kg', '3 lb', '4 g']), {}, 'of several units none')
  t.strictSame(unitOf('lap', ['0:01:02', '0:01:05']), { unit: 's', isDuration: true })
  t.strictSame(unitOf('start', ['08:01:02', '09:01:05']), {}, 'a time of day is no duration')
  t.strictSame(['[hPa]', 'degC', 'L/min', '%', 'name', 'total'].map(unitsIn), [
    'hPa',
    '°C',
    'L/min',
    '%',
    undefined,
    undefined,
  ])
})

t.test('points that part thousands', async (t) => {
  t.equal(thousandsNotation(['512', '890', '1.204', '12.530', '364.500']), ',')
  t.equal(thousandsNotation(['1.234.567', '2.345.678']), ',')
  t.equal(thousandsNotation(['512', '1,204', '12,530']), '.')
  t.equal(thousandsNotation(['1.204', '2.305', '7.118']), undefined, 'it may be thousandths')
  t.equal(thousandsNotation(['0.204', '1.305', '7']), undefined)
  t.equal(thousandsNotation(['1.204', '2.305', '1999']), undefined, 'a thousand without a point')
})
