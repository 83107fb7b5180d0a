import t from 'tap'
import { isNoneWithout } from '../../../../../services/agents/report/analysis/relations/none-without.ts'

const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)
const kept = (groups: number[], sizes: number[]) => ({ groups: Int32Array.from(groups), sizes })

t.test('wages of those who do not work are no finding', async (t) => {
  const groups = Array.from({ length: 80 }, (_, i) => i % 2)
  const wage = Float64Array.from(groups, (group, i) => (group === 0 ? 0 : 5 + i))
  t.equal(isNoneWithout(wage, all(80), kept(groups, [40, 40])), true)
})

t.test('zeros on both sides, or few of them, may be a result', async (t) => {
  const groups = Array.from({ length: 80 }, (_, i) => i % 2)
  const mixed = Float64Array.from(groups, (group, i) => (group === 0 || i < 10 ? 0 : 5))
  t.equal(isNoneWithout(mixed, all(80), kept(groups, [40, 40])), false)
  const few = Array.from({ length: 40 }, (_, i) => i % 2)
  const defects = Float64Array.from(few, (group) => (group === 0 ? 0 : 3))
  t.equal(isNoneWithout(defects, all(40), kept(few, [20, 20])), false)
})
