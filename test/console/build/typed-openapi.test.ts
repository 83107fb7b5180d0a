import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openApiTypes, schemaType } from '../../../services/console/build/typed-openapi.ts'
import { ROOT } from '../../support/source-files.ts'

t.test('the types of the API are what docs/openapi.json gives: npm run docs', async (t) => {
  const document = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8'))
  t.equal(
    readFileSync(join(ROOT, 'services/console/data/api-schema.ts'), 'utf8') === openApiTypes(document),
    true,
  )
})

t.test('schemas as types', async (t) => {
  const cases: [schema: Parameters<typeof schemaType>[0], type: string][] = [
    [true, 'unknown'],
    [{ $ref: '#/components/schemas/Task' }, "components['schemas']['Task']"],
    [{ const: 'a' }, '"a"'],
    [{ enum: ['a', 1] }, '"a" | 1'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'array', items: { type: 'integer' } }, '(number)[]'],
    [
      { type: 'object', properties: { a: {}, 'b-c': { type: 'boolean' } }, required: ['a'] },
      "{ a: unknown; 'b-c'?: boolean }",
    ],
    [{ type: 'object', additionalProperties: { type: 'string' } }, '{ [name: string]: string }'],
    [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, '(string) | (number)'],
    [
      { allOf: [{ $ref: '#/x/A' }, { type: 'object', properties: { b: {} } }] },
      "(components['schemas']['A']) & ({ b?: unknown })",
    ],
    [{ type: 'object', properties: { a: {} }, oneOf: [{ required: ['a'] }] }, '{ a?: unknown }'],
  ]
  for (const [schema, type] of cases) t.equal(schemaType(schema), type)
})
