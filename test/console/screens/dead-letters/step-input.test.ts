import t from 'tap'
import { parseInput, stepInputOf } from '../../../../services/console/screens/dead-letters/step-input.ts'

t.test('a step has an input, anything else has none', async (t) => {
  t.strictSame(stepInputOf({ input: { a: 1 } }), { a: 1 })
  t.equal(stepInputOf({ input: null }), null)
  for (const content of ['text', null, 3, {}]) t.equal(stepInputOf(content), undefined)
})

t.test('what is typed is JSON, or is told why not', async (t) => {
  t.strictSame(parseInput('{"a":[1]}'), { value: { a: [1] } })
  t.match(parseInput('{'), { fault: /JSON/ })
})
