import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { TemplateParameter } from '#schemas/plan-template.ts'
import { assertTemplate, fillInput } from '#workflow/plan/template-input.ts'

const template = (parameters: Record<string, TemplateParameter>, input?: JsonValue) => ({
  name: 'a',
  parameters,
  plan: { steps: [{ id: 's', agent: 'x', ...(input !== undefined && { input }) }] },
})
const fill = (parameters: Record<string, TemplateParameter>, input: JsonObject) =>
  fillInput(template(parameters), 'a@1', input)
const refusal = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error as { code: string; message: string; issues?: { path: string; message: string }[] }
  }
  return undefined
}

t.test('what is given is kept, what is not is as by default', async (t) => {
  const parameters: Record<string, TemplateParameter> = {
    text: { type: 'string' },
    count: { type: 'integer', default: 3 },
    more: { type: 'any', optional: true },
  }
  t.strictSame(fill(parameters, { text: 'x' }), { text: 'x', count: 3 })
  t.strictSame(fill(parameters, { text: 'x', count: 1, more: null }), { text: 'x', count: 1, more: null })
})

t.test('every fault is named at once', async (t) => {
  const error = refusal(() =>
    fill({ text: { type: 'string' }, count: { type: 'integer', maximum: 5 } }, { count: 9, other: 1 }),
  )
  t.equal(error?.code, 'INVALID_SUBMISSION')
  t.match(error?.message, /template "a@1": input\.other is not taken by template "a"; it takes text, count/)
  t.strictSame(
    error?.issues?.map(({ path, message }) => `${path} ${message}`),
    [
      'input.other is not taken by template "a"; it takes text, count',
      'input.text is missing',
      'input.count must be at most 5',
    ],
  )
})

t.test('values are of the type that is said, within bounds', async (t) => {
  const stored = {
    $json: { blob: 'uploads/a', size: 1, sha256: 'a'.repeat(64), contentType: 'application/json' },
  }
  const cases: [TemplateParameter, good: JsonValue[], bad: JsonValue[]][] = [
    [{ type: 'string', minLength: 2, maxLength: 3 }, ['ab', stored], ['a', 'abcd', 1, null, ['ab']]],
    [{ type: 'number', minimum: 0.5 }, [0.5, 1e9], [0.4, '1', null]],
    [{ type: 'integer' }, [0, -3], [0.5, 2 ** 60, '1']],
    [{ type: 'boolean' }, [true, false], [0, 'true', null]],
    [{ type: 'object' }, [{}, { a: 1 }], [[], null, 'x']],
    [{ type: 'array', maxLength: 1 }, [[], [1]], [[1, 2], {}, null]],
    [{ type: 'any' }, [null, 1, 'x', [], {}], []],
    [{ type: 'string', enum: ['a', 'b'] }, ['a'], ['c', 'A']],
    [{ type: 'object', enum: [{ a: 1, b: [2] }] }, [{ b: [2], a: 1 }], [{ a: 1 }, { a: 1, b: [2, 3] }]],
  ]
  for (const [parameter, good, bad] of cases) {
    for (const value of good)
      t.strictSame(
        fill({ v: parameter }, { v: value }),
        { v: value },
        `${parameter.type} ${JSON.stringify(value)}`,
      )
    for (const value of bad)
      t.match(
        refusal(() => fill({ v: parameter }, { v: value })),
        { code: 'INVALID_SUBMISSION' },
        `${parameter.type} ${JSON.stringify(value)}`,
      )
  }
})

t.test('a template that contradicts itself is refused before it is written', async (t) => {
  const wrong: [TemplateParameter, RegExp][] = [
    [{ type: 'string', default: 1 }, /default that must be a text/],
    [{ type: 'string', minimum: 1 }, /minimum or maximum, which a string has not/],
    [{ type: 'number', minLength: 1 }, /length, which a number has not/],
    [{ type: 'number', minimum: 2, maximum: 1 }, /minimum above its maximum/],
    [{ type: 'array', minLength: 2, maxLength: 1 }, /minLength above/],
    [{ type: 'integer', enum: [1, 'a'] }, /"a" under enum, which must be a whole number/],
    [{ type: 'integer', enum: [1, 2], default: 3 }, /default that must be one of 1, 2/],
  ]
  for (const [parameter, says] of wrong)
    t.match(
      refusal(() => assertTemplate(template({ p: parameter }))),
      { code: 'INVALID_REQUEST', message: says },
    )
  t.match(
    refusal(() => assertTemplate(template({ text: { type: 'string' } }, { $from: 'input.txet.a' }))),
    { code: 'PLAN_BAD_REFERENCE', message: /"txet" is no parameter/ },
  )
  t.match(
    refusal(() => assertTemplate(template({}, { $from: 'steps.q.output' }))),
    { code: 'PLAN_BAD_REFERENCE' },
  )
  t.equal(
    refusal(() =>
      assertTemplate(template({ text: { type: 'string' } }, [{ $from: 'input.text.0' }, { $from: 'input' }])),
    ),
    undefined,
  )
})

t.test('names of an object itself are no parameters', async (t) => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty'])
    t.match(
      refusal(() => fill({}, { [name]: 1 })),
      { issues: [{ path: `input.${name}` }] },
    )
})

t.test('whatever is given: it is refused, or all of it is taken', async () => {
  const kinds = fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'any')
  const names = fc.constantFrom('a', 'b', 'c')
  await fc.assert(
    fc.property(
      fc.dictionary(names, fc.record({ type: kinds, optional: fc.boolean() })),
      fc.dictionary(names, fc.jsonValue() as fc.Arbitrary<JsonValue>),
      (parameters, input) => {
        const declared = parameters as Record<string, TemplateParameter>
        const error = refusal(() => fill(declared, input))
        if (error) return error.code === 'INVALID_SUBMISSION' && (error.issues?.length ?? 0) > 0
        return (
          JSON.stringify(Object.entries(fill(declared, input)).sort()) ===
          JSON.stringify(Object.entries(input).sort())
        )
      },
    ),
  )
})
