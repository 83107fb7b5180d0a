import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { answer, contextOf, problemIn, requestBytes, requestJson } from '#platform/nats/request-reply.ts'
import { subjectOf } from '#subjects/operations.ts'

const request = { subject: 'murmur.x', body: { a: 1 }, timeoutMs: 100 }
const problem = new MurmurError('TASK_NOT_FOUND', 'there is no task').toProblem()

/** A connection on which every request has this reply. */
function replying(reply: string | Error) {
  const sent: unknown[] = []
  const nc = {
    async request(subject: string, payload: unknown, options: unknown) {
      sent.push([subject, payload, options])
      if (reply instanceof Error) throw reply
      return { data: Buffer.from(reply), string: () => reply }
    },
  }
  return { sent, nc: nc as never }
}

t.test('an answer is JSON, or the problem that is thrown', async (t) => {
  const { nc, sent } = replying('{"ok":true}')
  t.strictSame(await requestJson(nc, request), { ok: true })
  t.strictSame(sent, [['murmur.x', '{"a":1}', { timeout: 100 }]])
  await t.rejects(requestJson(replying(JSON.stringify({ problem })).nc, request), { code: 'TASK_NOT_FOUND' })
  await t.rejects(requestJson(replying(new Error('no responders')).nc, request), {
    code: 'UNAVAILABLE',
    retryAfterMs: 1000,
    message: 'nobody answers: no service for this is running',
    cause: { message: 'nobody answers on murmur.x: no responders' },
  })
})

t.test('bytes are given as they came, unless they are a problem', async (t) => {
  const { nc, sent } = replying('picture')
  t.strictSame(await requestBytes(nc, { ...request, body: 'as it is' }), Buffer.from('picture'))
  t.match(sent, [['murmur.x', 'as it is']])
  await t.rejects(requestBytes(replying(JSON.stringify({ problem })).nc, request), { code: 'TASK_NOT_FOUND' })
  t.strictSame(await requestBytes(replying('{"a":1}').nc, request), Buffer.from('{"a":1}'))
})

t.test('a problem is one only when it has the form of one', async (t) => {
  t.match(problemIn({ problem }), { code: 'TASK_NOT_FOUND' })
  for (const reply of [null, 'text', {}, { problem: {} }, { problem: { ...problem, status: 'x' } }])
    t.equal(problemIn(reply), undefined, JSON.stringify(reply))
})

t.test('handlers answer with JSON or bytes, and see whom a request is for', async (t) => {
  const sent: unknown[] = []
  const send = (data: string | Uint8Array) => void sent.push(data)
  const message = { subject: 's', data: Buffer.from('x'), headers: undefined } as never
  await answer(message, send, ({ data }) => ({ length: data.length }))
  await answer(message, send, () => new Uint8Array([7]))
  t.strictSame(sent, ['{"length":1}', new Uint8Array([7])])
  const subject = subjectOf('getTask', { tenant: 'acme' })
  t.match(contextOf('getTask', { subject, data: Buffer.alloc(0), header: () => undefined }), {
    tenant: 'acme',
    agent: undefined,
  })
})
