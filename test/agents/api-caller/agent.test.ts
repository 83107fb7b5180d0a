import t from 'tap'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

t.test('what will not change fails at once and says why', async (t) => {
  const deep = `${'['.repeat(100)}${']'.repeat(100)}`
  const answers: Record<string, string> = { '/html': '<html>', '/deep': deep, '/ok': '{}' }
  const server = await startServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'application/json')
    if (url === '/401') response.writeHead(401).end('{"message":\n "who are you"}')
    else response.end(answers[url])
  })
  const { call } = openCaller(t)
  const why = async (path: string, more = {}) => {
    const outcome = await call({ url: server.origin + path, ...more })
    return outcome.kind === 'done' ? outcome : { kind: outcome.kind, ...outcome.error }
  }
  const failed = { kind: 'fail', code: 'UPSTREAM_ERROR' }
  t.match(await why('/401'), { ...failed, message: /401: {"message": "who are you"}/ })
  t.match(await why('/html'), { ...failed, message: /not read as JSON/ })
  t.match(await why('/deep'), { ...failed, message: /not read as JSON/ })
  t.match(await why('/ok', { pick: '/a' }), { ...failed, message: /nothing at \/a/ })
  t.match(await why('/deep', { maxBytes: 10 }), { kind: 'fail', code: 'LIMIT_EXCEEDED' })
  t.equal(server.seen.length, 5)
})

t.test('forbidden addresses and broken URLs fail at once', async (t) => {
  const { call } = openCaller(t)
  for (const url of [
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
  ]) {
    t.match(await call({ url }), { kind: 'fail', error: { code: 'ADDRESS_FORBIDDEN' } }, url)
  }
  t.match(await call({ url: '/relative' }), { kind: 'fail', error: { code: 'INVALID_STEP_INPUT' } })
})
