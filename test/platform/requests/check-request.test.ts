import t from 'tap'
import { z } from 'zod'
import { checkRequest, issuesOf, readRequest } from '#platform/requests/check-request.ts'

const schema = z.strictObject({ taskId: z.string(), limit: z.int().max(5).default(3) })

t.test('what is right has its defaults, nothing at all is an empty object', async (t) => {
  t.strictSame(checkRequest(schema, { taskId: 'a' }), { taskId: 'a', limit: 3 })
  t.strictSame(readRequest(Buffer.from('{"taskId":"a","limit":5}'), schema), { taskId: 'a', limit: 5 })
  t.strictSame(readRequest(new Uint8Array(), z.object({ n: z.int().default(1) })), { n: 1 })
})

t.test('every field that is wrong is named, twenty at most', async (t) => {
  t.throws(() => checkRequest(schema, { taskId: 1, limit: 9 }), {
    code: 'INVALID_REQUEST',
    issues: [{ path: 'taskId' }, { path: 'limit' }],
  })
  t.throws(() => checkRequest(schema, 'text'), { code: 'INVALID_REQUEST', issues: [{ path: '(body)' }] })
  const many = z.array(z.string()).safeParse(Array.from({ length: 30 }, (_, i) => i))
  const issues = issuesOf(many.error!, 'items')
  t.equal(issues.length, 20)
  t.equal(issues[19]?.path, 'items.19')
})

t.test('bytes are bounded before they are parsed', async (t) => {
  const body = Buffer.from(JSON.stringify({ taskId: 'x'.repeat(100) }))
  t.throws(() => readRequest(body, schema, { maxBytes: 50 }), { code: 'PAYLOAD_TOO_LARGE' })
  t.throws(() => readRequest(Buffer.from('{'), schema), { code: 'MALFORMED_JSON' })
  const deep = Buffer.from(`${'['.repeat(1000)}${']'.repeat(1000)}`)
  t.throws(() => readRequest(deep, schema), { code: 'JSON_TOO_DEEP' })
})
