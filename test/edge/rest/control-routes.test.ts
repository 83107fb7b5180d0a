import { fastify } from 'fastify'
import t from 'tap'
import type { Caller } from '../../../services/edge/access/access.ts'
import type { Gateway } from '../../../services/edge/gateway/gateway.ts'
import { addControlRoutes } from '../../../services/edge/rest/control-routes.ts'

const caller: Caller = { tenant: 'acme', subject: 'key:k1', scopes: new Set() }

/** The routes alone, over a gateway that writes down what it is asked. */
function openRoutes() {
  const asked: { name: string; caller: Caller; request: unknown }[] = []
  const targets: (string | undefined)[] = []
  const record = (name: string) => async (caller: Caller, request: unknown) => {
    asked.push({ name, caller, request })
    return { name, ...(name === 'retry' && { taskId: 'tnew' }) }
  }
  const names = ['pause', 'resume', 'signal', 'approvals', 'answer', 'retry', 'changeMany']
  const controls = Object.fromEntries(names.map((name) => [name, record(name)]))
  const app = fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.decorateRequest('caller')
  app.decorateRequest('target')
  app.addHook('onRequest', async (request) => {
    request.caller = caller
  })
  app.addHook('onResponse', async ({ target }) => void targets.push(target))
  addControlRoutes(app, { controls } as unknown as Gateway)
  t.teardown(() => app.close())
  const post = (url: string, body: object) =>
    app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
  return { app, asked, targets, post }
}

t.test('the task and the step of the path count, whatever the body says', async (t) => {
  const { app, asked, post } = openRoutes()
  const about = { taskId: 'other', stepId: 'other', reason: 'r' }
  for (const [url, status] of [
    ['/v1/tasks/t1/pause', 202],
    ['/v1/tasks/t1/resume', 202],
    ['/v1/tasks/t1/signals', 202],
    ['/v1/tasks/t1/approvals/a', 202],
    ['/v1/tasks/t1/retry', 202],
  ] as const)
    t.equal((await post(url, about)).statusCode, status, url)
  t.match(
    asked.map(({ name, request }) => ({ name, request })),
    ['pause', 'resume', 'signal', 'answer', 'retry'].map((name) => ({
      name,
      request: { taskId: 't1', reason: 'r' },
    })),
  )
  t.match(asked[3], { caller, request: { stepId: 'a' } })
  const { headers } = await post('/v1/tasks/t1/retry', { requestId: 'r' })
  t.equal(headers.location, '/v1/tasks/tnew', 'where the new task is')
  t.equal(
    (await app.inject({ method: 'POST', url: '/v1/tasks/t1/pause' })).statusCode,
    202,
    'no body is needed',
  )
})

t.test('the inbox takes its query, and refuses what it does not know', async (t) => {
  const { app, asked } = openRoutes()
  t.equal((await app.inject('/v1/approvals?assignee=a&taskId=t&limit=5&cursor=c')).statusCode, 200)
  t.match(asked[0]!.request, { assignee: 'a', taskId: 't', limit: 5, cursor: 'c' })
  t.not((await app.inject('/v1/approvals?tenant=other')).statusCode, 200)
  t.equal(asked.length, 1)
})

t.test('what many are is written down for the audit log, in short', async (t) => {
  const { targets, post } = openRoutes()
  await post('/v1/tasks/change-many', { action: 'cancel', taskIds: ['a', 'b'] })
  await post('/v1/tasks/change-many', { action: 'cancel', filter: { labels: { a: 'x'.repeat(500) } } })
  await post('/v1/tasks/change-many', {})
  t.equal(targets[0], '["a","b"]')
  t.equal(targets[1]!.length, 256)
  t.equal(targets[2], '{}')
})
