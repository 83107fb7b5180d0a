import t from 'tap'
import {
  plainCategory,
  plainDistribution,
} from '../../../../../services/agents/report/synthesis/sentences/distribution-sentence.ts'
import { numberColumn } from '../analysis-fixtures.ts'

const place = { document: 'd.csv', table: 'd.csv', column: 'ozone' }
const column = numberColumn(
  place,
  Array.from({ length: 60 }, (_, row) => [row + 1, row]),
)

t.test('a shape is told by the middle half and how far values reach', async (t) => {
  const shaped = { ...column, numeric: { ...column.numeric!, distribution: 'right-skewed' as const } }
  t.match(
    plainDistribution(shaped),
    /^Ozone is uneven: the middle half of ozone lies between .* but values reach /,
  )
  const two = { ...column, numeric: { ...column.numeric!, distribution: 'bimodal' as const } }
  t.match(plainDistribution(two), /^Ozone falls into two groups/)
  t.equal(plainDistribution(undefined), undefined)
})

t.test('a frequent value with its share and how many rows there are', async (t) => {
  const provenance = [{ ...place, column: 'sex', method: 'm' }]
  t.equal(
    plainCategory({ provenance, evidence: { value: 'male', share: 0.64, count: 64 } }),
    'Sex is male in 64 % of 100 rows.',
  )
})
