import assert from 'node:assert/strict'
import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { checkExpression, evaluate, evaluateCondition, pathsOf } from '#workflow/expressions/expression.ts'
import { anyTextArbitrary, RANDOM_SCOPE, typedExpressionArbitrary } from '../../support/random-expression.ts'

const RUNS = 2000

/** As they come out of a store: zero has no sign there. */
const json = (maxDepth: number) =>
  fc.jsonValue({ maxDepth }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
const scopeArbitrary = fc.record({ input: json(4), x: json(2) })

/** The same JSON with the keys of every map in the opposite order. */
function turned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, turned(item)]),
  )
}

t.test('whatever the text and the values, nothing throws, and a fault is one or the other', async () => {
  fc.assert(
    fc.property(fc.oneof(anyTextArbitrary, typedExpressionArbitrary), scopeArbitrary, (text, scope) => {
      const fault = checkExpression(text, ['input', 'x'])
      pathsOf(text)
      const result = evaluate(text, scope)
      const condition = evaluateCondition(text, scope)
      if (fault) {
        assert.equal(fault.code, 'EXPRESSION_INVALID')
        assert.ok(fault.message.length > 10 && fault.message.length < 500)
        assert.ok(fault.position === undefined || (fault.position >= 0 && fault.position <= text.length))
      }
      if (!result.ok) {
        assert.equal(result.code, 'EXPRESSION_FAILED')
        assert.ok(result.message.length < 1000 && result.message.isWellFormed())
      } else {
        assert.deepEqual(JSON.parse(JSON.stringify(result.value)), result.value, 'a value is JSON')
      }
      assert.equal(condition.ok, result.ok && typeof result.value === 'boolean')
    }),
    { numRuns: RUNS },
  )
})

t.test(
  'the same text and values give the same, whatever came between and however keys are ordered',
  async () => {
    const expressions = fc.oneof(
      typedExpressionArbitrary,
      fc.constantFrom(
        'input',
        'input.map(k, k)',
        'input == x',
        'x.filter(k, k > "a")',
        'input.exists(k, k == x)',
      ),
    )
    fc.assert(
      fc.property(expressions, scopeArbitrary, (text, scope) => {
        const first = evaluate(text, scope)
        // Other texts push this one out of what is kept of parsed expressions.
        for (let i = 0; i < 3; i++) evaluate(`${i} + ${text.length}`, scope)
        assert.deepEqual(evaluate(text, JSON.parse(JSON.stringify(scope))), first)
        const other = evaluate(text, turned(scope) as typeof scope)
        assert.equal(other.ok, first.ok)
        if (first.ok) assert.deepEqual(other, first)
      }),
      { numRuns: RUNS },
    )
  },
)

t.test('what an expression reads is among its paths: other values change nothing', async () => {
  fc.assert(
    fc.property(typedExpressionArbitrary, (text) => {
      const kept: Record<string, JsonValue> = {}
      for (const [, key] of pathsOf(text)) {
        const value = key !== undefined && Object.entries(RANDOM_SCOPE.input).find(([name]) => name === key)
        if (value) kept[value[0]] = value[1]
      }
      const whole = evaluate(text, RANDOM_SCOPE)
      const part = evaluate(text, { input: kept })
      assert.equal(part.ok, whole.ok)
      if (whole.ok) assert.deepEqual(part, whole)
    }),
    { numRuns: RUNS },
  )
})

/** Values as the library has them: whole numbers are bigints, so that they are `int` there. */
function asCel(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value)
  if (Array.isArray(value)) return value.map(asCel)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asCel(item)]))
}

function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return Array.isArray(value) ? value.map(asJson) : value
}

t.test('agrees with an evaluator of the whole of CEL where both have the same', async (t) => {
  const cel = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  const context = asCel(RANDOM_SCOPE) as Record<string, unknown>
  const counts = { values: 0, faults: 0 }
  fc.assert(
    fc.property(typedExpressionArbitrary, (text) => {
      fc.pre(checkExpression(text, ['input']) === undefined)
      const ours = evaluate(text, RANDOM_SCOPE)
      let theirs: unknown
      try {
        theirs = asJson(cel.evaluate(text, context))
      } catch {
        counts.faults++
        assert.equal(ours.ok, false, 'it has no value there')
        return
      }
      counts.values++
      assert.deepEqual(ours, { ok: true, value: theirs })
    }),
    { numRuns: 2 * RUNS },
  )
  t.ok(
    counts.values > RUNS / 2 && counts.faults > RUNS / 20,
    `both kinds were seen: ${JSON.stringify(counts)}`,
  )
})

t.test('nested comprehensions of any shape stop at the bounds', async () => {
  const list = Array.from({ length: 300 }, (_, i) => i)
  const bodies = fc.constantFrom(
    'x',
    '[x, x, x]',
    'l',
    '{"a": l, "b": l}',
    'string(x) + t',
    't + t',
    'l + l',
    'nothing',
  )
  const forms = fc.array(fc.constantFrom('map', 'filter', 'all', 'exists', 'exists_one'), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(forms, bodies, (nested, body) => {
      const text = nested.reduce<string>((inner, form) => `l.${form}(x, ${inner})`, body)
      const result = evaluate(text, { l: list, t: 'long '.repeat(2000) })
      if (result.ok) assert.ok(JSON.stringify(result.value).length <= 2 * LIMITS.expressionResultChars)
    }),
    { numRuns: 200 },
  )
})
