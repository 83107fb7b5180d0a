import t from 'tap'
import { blockDriftPValue } from '../../../../../services/agents/report/analysis/statistics/block-drift.ts'
import { normalNumbers } from '../normal-numbers.ts'

const WALKS = 400

function rejected(drift: number): number {
  return Array.from({ length: WALKS }, (_, seed) => {
    let value = 0
    const walk = normalNumbers(200, 1000 * (seed + 1)).map((shock) => (value += shock + drift))
    return blockDriftPValue(walk, 12)
  }).filter((pValue) => pValue <= 0.05).length
}

t.test('walks without a drift have one as often as the level says', async (t) => {
  t.ok(rejected(0) <= 0.07 * WALKS, `${rejected(0)}`)
})

t.test('a drift of half a step is found', async (t) => {
  t.ok(rejected(0.5) >= 0.9 * WALKS, `${rejected(0.5)}`)
})

t.test('fewer than nine blocks say nothing', async (t) => {
  t.equal(blockDriftPValue(new Float64Array(100), 8), 1)
})
