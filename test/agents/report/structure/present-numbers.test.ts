import t from 'tap'
import { presentNumbers } from '../../../../services/agents/report/structure/present-numbers.ts'

t.test('finite numbers with their rows, and in order', async (t) => {
  const { values, rows, ranking, sorted } = presentNumbers([3, null, 'x', 1, Number.NaN, 2, 1, true])
  t.strictSame([...values], [3, 1, 2, 1])
  t.strictSame([...rows], [0, 3, 5, 6])
  t.strictSame([...sorted()], [1, 1, 2, 3])
  t.strictSame([...ranking().ranks], [4, 1.5, 3, 1.5])
})

t.test('one column is looked at once', async (t) => {
  const values = [2, 1]
  t.equal(presentNumbers(values), presentNumbers(values))
  t.equal(presentNumbers(values).sorted(), presentNumbers(values).sorted())
  t.not(presentNumbers([2, 1]), presentNumbers(values), 'another array is another column')
})
