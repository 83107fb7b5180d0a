import t from 'tap'
import {
  readMeasured,
  thousandsNotation,
  unitOf,
} from '../../../../../services/agents/report/ingest/data/measured-cell.ts'

t.test('bounds, units and durations', async (t) => {
  t.strictSame(readMeasured('<0.05', { decimal: '.' }), { value: 0.05, bound: 'below' })
  t.strictSame(readMeasured('>= 1,5', { decimal: ',' }), { value: 1.5, bound: 'above' })
  t.strictSame(readMeasured('12.5 kg', { decimal: '.', unit: 'kg' }), { value: 12.5 })
  t.equal(readMeasured('12.5 kg', { decimal: '.', unit: 'lb' }), undefined)
  t.equal(readMeasured('1.2.3', { decimal: '.' }), undefined, 'a version is no number')
  t.strictSame(readMeasured('1:02:03', { decimal: '.', duration: 'clock' }), { value: 3723 })
  t.strictSame(unitOf('weight', ['12 kg', '3.5 kg', '4 kg']), { unit: 'kg' })
  t.strictSame(unitOf('a', ['12 kg', '3 °C', '4 m']), {}, 'of several units none')
  t.strictSame(unitOf('a', ['1 kg', '300 g', '2 kg']), { unit: 'kg', convertedFrom: ['g'] })
  t.strictSame(readMeasured('300 g', { decimal: '.', unit: 'kg' }), { value: 0.3 })
  t.strictSame(unitOf('p', ['$3', '€4', '$5']), { mixedUnits: ['$', '€'] })
  t.strictSame(unitOf('seat', ['12A', '14A', '15B']), {}, 'letters of seats are no units')
  t.strictSame(unitOf('n', ['12 users', '3 users']), { unit: 'users' })
  t.strictSame(unitOf('lap', ['0:01:02', '0:01:05']), { unit: 's', duration: 'clock' })
  t.strictSame(unitOf('start', ['08:01:02', '09:01:05']), {}, 'a time of day is no duration')
})

t.test('thousands and millions in words, footnotes, signs behind', async (t) => {
  const read = (cell: string, decimal: '.' | ',' = '.', unit?: string) =>
    readMeasured(cell, { decimal, ...(unit !== undefined && { unit }) })?.value
  t.equal(read('2.3M'), 2_300_000)
  t.equal(read('$1.2k', '.', '$'), 1_200)
  t.equal(read('1,2 Mio. €', ',', '€'), 1_200_000)
  t.equal(read('300 K', '.', 'K'), 300, 'a temperature')
  t.equal(read('12.5*'), 12.5)
  t.equal(read('12.5 [a]'), 12.5)
  t.equal(read('R$ 3,50', ',', 'R$'), 3.5)
  t.equal(read('1.50-'), -1.5)
  t.equal(read('12 Main St'), undefined)
})

t.test('points that part thousands', async (t) => {
  t.equal(thousandsNotation(['512', '890', '1.204', '12.530', '364.500']), ',')
  t.equal(thousandsNotation(['1.234.567', '2.345.678']), ',')
  t.equal(thousandsNotation(['512', '1,204', '12,530']), '.')
  t.equal(thousandsNotation(['1.204', '2.305', '7.118']), undefined, 'it may be thousandths')
  t.equal(thousandsNotation(['0.204', '1.305', '7']), undefined)
  t.equal(thousandsNotation(['1.204', '2.305', '1999']), undefined, 'a thousand without a point')
})
