import fc from 'fast-check'
import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { BoundFault, EvaluationBudget } from '#workflow/expressions/evaluation-budget.ts'
import {
  checkResult,
  compare,
  isEqual,
  kindOf,
  listKeys,
  quote,
  setOwn,
} from '#workflow/expressions/expression-values.ts'

t.test('strings are ordered by code points, as UTF-8 is by bytes', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (a, b) => {
      const ours = Math.sign(compare(a, b, new EvaluationBudget()))
      if (ours !== Buffer.compare(Buffer.from(a), Buffer.from(b))) throw new Error(JSON.stringify([a, b]))
    }),
    { numRuns: 2000 },
  )
})

t.test('equality is that of JSON', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const copy = JSON.parse(JSON.stringify(a)) as JsonValue
      if (!isEqual(a as JsonValue, copy, new EvaluationBudget())) throw new Error('a copy is equal')
      const same = JSON.stringify(a) === JSON.stringify(b)
      if (same && !isEqual(a as JsonValue, b as JsonValue, new EvaluationBudget()))
        throw new Error('the same')
    }),
  )
  t.notOk(isEqual({ a: 1 }, { b: 1 }, new EvaluationBudget()))
  t.notOk(isEqual({}, [], new EvaluationBudget()))
  t.notOk(isEqual(JSON.parse('{"__proto__":1}'), {}, new EvaluationBudget()))
})

t.test('a result fits up to its bound', async (t) => {
  const fits = (value: JsonValue) => {
    try {
      checkResult(value)
      return true
    } catch (error) {
      t.type(error, BoundFault)
      return false
    }
  }
  t.ok(fits('a'.repeat(LIMITS.expressionResultChars - 4)))
  t.notOk(fits('a'.repeat(LIMITS.expressionResultChars - 3)))
  t.notOk(fits({ ['k'.repeat(LIMITS.expressionResultChars)]: 1 }), 'keys count')
  const part = 'a'.repeat(60_000)
  t.ok(fits([part, part, part]))
  t.notOk(fits([part, part, part, part, part]), 'what stands there many times counts as often')
})

t.test('words for messages', async (t) => {
  t.same([null, [], {}, '', 0, true].map(kindOf), [
    'null',
    'a list',
    'a map',
    'a string',
    'a number',
    'a boolean',
  ])
  t.equal(quote('x'.repeat(50)), `"${'x'.repeat(40)}…"`)
  t.ok(quote(`${'x'.repeat(39)}😀`).isWellFormed(), 'no half character')
  t.equal(listKeys({}), 'it is empty')
  t.equal(listKeys({ b: 1, a: 2 }), 'it has "a", "b"')
  t.match(listKeys(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, i]))), /"k5" and 3 more/)
})

t.test('a key of any name is set as data', async (t) => {
  const map: Record<string, JsonValue> = {}
  setOwn(map, '__proto__', { a: 1 })
  t.equal(JSON.stringify(map), '{"__proto__":{"a":1}}')
  t.equal(Object.getPrototypeOf(map), Object.prototype)
})
