import t from 'tap'
import {
  confidenceOf,
  labelOf,
  rangeOf,
  worded,
} from '../../../../services/agents/report/synthesis/wording.ts'
import { numericSummary } from './analysis-fixtures.ts'

t.test('confidence: strong from 0.8, moderate from 0.5', async (t) => {
  t.strictSame([1, 0.8, 0.79, 0.5, 0.49, 0].map(confidenceOf), [
    'strong',
    'strong',
    'moderate',
    'moderate',
    'weak',
    'weak',
  ])
  t.equal(worded('weak', { strong: 'is', moderate: 'seems', weak: 'may be' }), 'may be')
})

t.test('the unit that reading found counts before the one in the name', async (t) => {
  t.strictSame(labelOf('price (EUR)', { unit: 'USD' }), { label: 'price', unit: 'USD' })
  t.strictSame(labelOf('tenure_months', { unit: 'months' }), { label: 'tenure', unit: 'months' })
  t.strictSame(labelOf('months', { unit: 'months' }), { label: 'months', unit: 'months' })
  t.strictSame(labelOf('price (EUR)', undefined), { label: 'price', unit: 'EUR' })
})

t.test('the range is that of the values', async (t) => {
  t.equal(rangeOf({ numeric: numericSummary([10, 20, 30]) }), 20)
  t.equal(rangeOf({}), undefined)
})
