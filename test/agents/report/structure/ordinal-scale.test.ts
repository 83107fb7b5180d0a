import t from 'tap'
import { isOrdinalScale, isOrdinalWords } from '../../../../services/agents/report/structure/ordinal-scale.ts'

type Profile = Parameters<typeof isOrdinalScale>[1]
const profile = (distinct: number, count: number, from = 1) =>
  ({ distinct, count, min: from, max: from + distinct - 1 }) as Profile

t.test('steps of a scale, and amounts that only look like them', async (t) => {
  t.ok(isOrdinalScale(['q1'], profile(5, 100)), 'one to five, often')
  t.ok(isOrdinalScale(['rating'], profile(11, 40, 0)), 'named as a scale it may have eleven')
  t.notOk(isOrdinalScale(['rooms'], profile(5, 100)), 'a count')
  t.notOk(isOrdinalScale(['x'], profile(5, 12)), 'too few rows')
  t.notOk(isOrdinalScale(['x'], profile(5, 100, 0)), 'from zero it may count')
  t.notOk(isOrdinalScale(['sex'], profile(2, 100)), 'two values have no order')
})

t.test('words in an order', async (t) => {
  t.ok(isOrdinalWords(['Low', 'high', 'medium']))
  t.notOk(isOrdinalWords(['low', 'high']))
  t.notOk(isOrdinalWords(['low', 'red', 'high']))
})
