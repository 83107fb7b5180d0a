import t from 'tap'
import {
  canonicalUnit,
  scaledUnit,
} from '../../../../../services/agents/report/analysis/findings/claim-units.ts'

t.test('spellings of a unit are one unit, other units are not', async (t) => {
  t.equal(canonicalUnit('Euros'), canonicalUnit('€'))
  t.equal(canonicalUnit('per cent'), canonicalUnit('%'))
  t.not(canonicalUnit('°F'), canonicalUnit('°C'))
  t.not(canonicalUnit('m'), canonicalUnit('min'))
  t.equal(canonicalUnit('Widgets'), 'widgets')
})

t.test('a unit may hold a magnitude', async (t) => {
  t.strictSame(scaledUnit('million km²'), { unit: 'km²', factor: 1e6 })
  t.strictSame(scaledUnit('kg'), { unit: 'kg', factor: 1 })
})
