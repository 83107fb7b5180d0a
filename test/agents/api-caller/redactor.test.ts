import t from 'tap'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

const SECRET = 'hush-"hush"-0815'

const headers = { authorization: { $secret: 'API_TOKEN', prefix: 'Bearer ' } }

t.test('a secret is sent, and taken out of everything that comes back', async (t) => {
  const server = await startServer(t, (request, response) => {
    const sent = request.headers.authorization ?? ''
    response.setHeader('x-echo', sent)
    if (request.url === '/error') response.writeHead(400, { 'content-type': 'text/plain' })
    response.end(
      request.url === '/error'
        ? `no: ${sent}`
        : JSON.stringify({ sent, base64: Buffer.from(SECRET).toString('base64') }),
    )
  })
  const secrets = {
    grants: [{ name: 'API_TOKEN', origin: server.origin }],
    values: new Map([['API_TOKEN', SECRET]]),
  }
  const { call, contexts } = openCaller(t, { secrets })
  const outcome = await call({ url: server.origin, headers })
  t.match(outcome, { kind: 'done', output: { json: { sent: 'Bearer [redacted]', base64: '[redacted]' } } })
  const failed = await call({ url: `${server.origin}/error`, headers })
  t.match(failed, { kind: 'fail', error: { message: /no: Bearer \[redacted\]/ } })
  t.equal(server.seen[0]?.headers.authorization, `Bearer ${SECRET}`)
  const logged = contexts.flatMap((context) => context.logged)
  t.ok(logged.length > 0)
  t.notMatch(JSON.stringify([outcome, failed, logged]), /hush/)
})
