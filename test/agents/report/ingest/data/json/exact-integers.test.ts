import t from 'tap'
import { withExactIntegers } from '../../../../../../services/agents/report/ingest/data/json/exact-integers.ts'

t.test('a column with one integer beyond 2^53 is one of identifiers', async (t) => {
  t.strictSame(withExactIntegers(['9007199254740993', 12, 1.5, null]), [
    '9007199254740993',
    '12',
    '1.5',
    null,
  ])
  const numbers = [1, 2, null]
  t.equal(withExactIntegers(numbers), numbers)
  const words = ['123', 'a', 4]
  t.equal(withExactIntegers(words), words, 'short digits are none')
})
