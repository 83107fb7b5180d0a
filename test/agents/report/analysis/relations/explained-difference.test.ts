import t from 'tap'
import {
  isExplained,
  sideOf,
} from '../../../../../services/agents/report/analysis/relations/explained-difference.ts'
import type { UnitFactor } from '../../../../../services/agents/report/analysis/relations/relation-units.ts'
import { normalNumbers } from '../normal-numbers.ts'

const N = 200
const factor = (name: string, groupOf: (i: number) => number): UnitFactor => ({
  name,
  role: 'category',
  names: ['a', 'b', 'c'],
  groups: Int32Array.from({ length: N }, (_, i) => groupOf(i)),
})
const noise = normalNumbers(N, 3)
// Mostly the same groups: every tenth unit is in the other one.
const known = factor('known', (i) => i % 2)
const near = factor('near', (i) => (i % 10 < 2 ? 1 - (i % 2) : i % 2))

t.test('sides of units', async (t) => {
  const side = sideOf({ factor: factor('f', (i) => i - 1), high: 'b', low: 'a' })
  t.strictSame([0, 1, 2, 3].map(side), [-1, 1, 0, -1])
})

t.test('a difference that another factor makes is explained by it, one of its own is not', async (t) => {
  const compared = { factor: near, high: 'b', low: 'a' }
  const byKnown = noise.map((value, i) => value + 2 * known.groups[i]!)
  t.ok(isExplained({ ...compared, values: byKnown }, known))
  const byNear = noise.map((value, i) => value + 2 * near.groups[i]!)
  t.notOk(isExplained({ ...compared, values: byNear }, known))
  t.notOk(isExplained({ ...compared, values: byKnown.subarray(1) }, known), 'other units')
})
