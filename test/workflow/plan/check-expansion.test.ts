import t from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { assertExpansion } from '#workflow/plan/check-expansion.ts'
import { reportTaskType } from '../../../services/orchestrator/plan/built-in-tasks.ts'

const from = (path: string): JsonValue => ({ $from: path })
const times = (count: number, value: JsonValue): JsonValue => Array.from({ length: count }, () => value)
const nested = (levels: number): JsonValue => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
const step = (input: JsonValue, id = 'a'): Step => ({ id, agent: 'x', input })
const check = (plan: Plan, input: JsonObject = {}) => assertExpansion(plan, input)
const TOO_LARGE = { code: 'EXPANSION_TOO_LARGE' }

t.test('thousands of references to a large input are refused, by steps and by the output', async (t) => {
  const input = { text: 'x'.repeat(150_000) }
  const many = times(4200, from('input.text'))
  t.throws(() => check({ steps: [step(many, 'wide')] }, input), { ...TOO_LARGE, message: /step "wide"/ })
  t.throws(() => check({ steps: [step({})], output: many }, input), {
    ...TOO_LARGE,
    message: /output of the plan/,
  })
  t.doesNotThrow(() => check({ steps: [step(times(6, from('input.text')))] }, input))
  t.throws(() => check({ steps: [step(times(7, from('input.text')))] }, input), TOO_LARGE)
})

t.test('bytes count, not characters', async (t) => {
  const input = { text: 'ä'.repeat(100_000) }
  t.throws(() => check({ steps: [step(times(6, from('input.text')))] }, input), TOO_LARGE)
})

t.test('many steps that are each below the limit are too much together', async (t) => {
  const input = { text: 'x'.repeat(150_000) }
  const steps = Array.from({ length: 80 }, (_, i) => step(times(6, from('input.text')), `s${i}`))
  t.doesNotThrow(() => check({ steps: steps.slice(0, 70) }, input))
  t.throws(() => check({ steps }, input), TOO_LARGE)
})

t.test(
  'outputs count with what they may have inline; parts of one output never with more than the whole',
  async (t) => {
    const needs = (input: JsonValue): Plan => ({
      steps: [step({}), { ...step(input, 'b'), needs: ['a'] }],
    })
    const whole = from('steps.a.output')
    t.doesNotThrow(() => check(needs(times(60, whole))))
    t.throws(() => check(needs(times(70, whole))), TOO_LARGE)
    const fields = Array.from({ length: 1000 }, (_, i) => from(`steps.a.output.field${i}`))
    t.doesNotThrow(() => check(needs(fields)))
    t.throws(() => check(needs([...fields, times(70, from('steps.a.output.rows.0'))])), TOO_LARGE)
    t.throws(() => check(needs(times(4000, from('steps.a.output.x')))), TOO_LARGE, 'references need room too')
  },
)

t.test('nesting: the template and what it brings in together', async (t) => {
  const input = { deep: nested(40) }
  const template = (levels: number) =>
    JSON.parse(`${'['.repeat(levels)}{"$from":"input.deep"}${']'.repeat(levels)}`)
  t.doesNotThrow(() => check({ steps: [step(template(24))] }, input))
  t.throws(() => check({ steps: [step(template(25))] }, input), { ...TOO_LARGE, message: /65 levels/ })
})

t.test('the largest reports are within the bounds', async (t) => {
  const sources = Array.from({ length: 200 }, (_, i) => ({ name: `${i}.md`.padStart(256, 'x'), text: 'x' }))
  const request = { sources }
  t.doesNotThrow(() => check(reportTaskType.plan(request), request))
})

t.test('it takes time as the submission is long, whatever is in it', async (t) => {
  const longPath = from(`steps.a.output${'.a'.repeat(100_000)}`)
  let inner: JsonValue = 'x'.repeat(100_000)
  for (let level = 0; level < 60; level++) inner = { a: inner }
  const paths = Array.from({ length: 5000 }, (_, i) => from(`input${'.a'.repeat(i % 60)}`))
  const startedMs = performance.now()
  t.doesNotThrow(() => check({ steps: [step({}), step([longPath], 'b')] }))
  t.throws(() => check({ steps: [step(paths)] }, inner as JsonObject), TOO_LARGE)
  t.throws(
    () => check({ steps: [step(times(120_000, 0))], output: times(20_000, from('steps.a.output')) }),
    TOO_LARGE,
  )
  t.ok(performance.now() - startedMs < 5000)
  t.ok(
    LIMITS.expandedBytes >= 4 * LIMITS.submissionBytes,
    'the limit is meant for a few copies of a whole submission',
  )
})

t.test('a list counts with all its items, and every other template of a step', async (t) => {
  const text = 'x'.repeat(20_000)
  const each = (items: JsonValue, input: JsonValue): Plan => ({
    steps: [{ ...step(input), forEach: { items } }],
  })
  t.doesNotThrow(() => check(each(from('input.list'), from('item')), { list: times(5, text) }))
  t.doesNotThrow(() => check(each(times(100, 0), from('input.text')), { text }))
  t.throws(() => check(each(times(4000, 0), from('input.text')), { text }), TOO_LARGE, 'an item each')
  t.throws(() => check(each([text], times(60, from('item')))), { ...TOO_LARGE, message: /input of step "a"/ })
  const instead = (field: 'fallback' | 'compensate'): Plan => ({
    steps: [{ ...step({}), [field]: { agent: 'y', input: times(60, from('input.text')) } }],
  })
  t.throws(() => check(instead('fallback'), { text }), { ...TOO_LARGE, message: /fallback/ })
  t.throws(() => check(instead('compensate'), { text }), { ...TOO_LARGE, message: /compensation/ })
})
