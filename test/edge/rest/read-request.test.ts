import t from 'tap'
import {
  numberOf,
  readJsonObject,
  readQuery,
  searchOf,
  timeOf,
} from '../../../services/edge/rest/read-request.ts'

const bytes = (text: string) => Buffer.from(text)

t.test('a body is a JSON object, or nothing', async (t) => {
  t.strictSame(readJsonObject(bytes('{"a":1}')), { a: 1 })
  t.strictSame(readJsonObject(bytes('')), {})
  t.strictSame(readJsonObject(undefined), {})
  t.throws(() => readJsonObject(bytes('[1]')), { code: 'INVALID_REQUEST' })
  t.throws(() => readJsonObject(bytes('{')), { code: 'MALFORMED_JSON' })
})

t.test('parameters are known, and given once', async (t) => {
  t.strictSame(readQuery('a=1&l=x&l=y', ['a'], ['l']), { single: { a: '1' }, lists: { l: ['x', 'y'] } })
  t.throws(() => readQuery('a=1&a=2', ['a']), { code: 'INVALID_REQUEST', message: /a was given twice/ })
  t.throws(() => readQuery('b=1', ['a'], ['l']), { message: /b is not a parameter here; a, l are/ })
  t.equal(searchOf({ url: '/v1/tasks?a=1?b' }), 'a=1?b')
  t.equal(searchOf({ url: '/v1/tasks' }), '')
})

t.test('numbers are whole; what is none is left for the schema', async (t) => {
  t.equal(numberOf('-3'), -3)
  for (const text of ['1.5', '1e3', '', '12345678901234567']) t.equal(numberOf(text), text)
  t.equal(numberOf(undefined), undefined)
})

t.test('times are Unix milliseconds or dates', async (t) => {
  t.equal(timeOf('since', '1790000000000'), 1_790_000_000_000)
  t.equal(timeOf('since', '1970-01-02'), 86_400_000)
  for (const text of ['2026-02-30', 'yesterday', '-1'])
    t.throws(() => timeOf('since', text), { code: 'INVALID_REQUEST' }, text)
})
