import t from 'tap'
import { createRedactor } from '../../../services/agents/api-caller/redactor.ts'
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

t.test('every spelling of a secret is taken out, and cookies with it', async (t) => {
  const secret = 'a "b"/c d'
  const { text, answer } = createRedactor([secret])
  const spellings = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), btoa(secret)]
  for (const spelling of spellings) t.equal(text(`<${spelling}>`), '<[redacted]>', spelling)
  const redacted = answer({
    status: 200,
    url: new URL(`https://api.example/?k=${encodeURIComponent(secret)}`),
    headers: { 'x-echo': secret, 'set-cookie': 's=1' },
    body: Buffer.from(`1${secret}2${btoa(secret)}`),
  })
  t.equal(redacted.url.href, 'https://api.example/?k=[redacted]')
  t.strictSame(redacted.headers, { 'x-echo': '[redacted]' })
  t.equal(Buffer.from(redacted.body).toString(), '1[redacted]2[redacted]')
})

t.test('of secrets that contain each other the longer one goes first', async (t) => {
  t.equal(createRedactor(['hush-hush', 'hush-hush-0815']).text('hush-hush-0815!'), '[redacted]!')
  t.equal(createRedactor([]).text('nothing to hide'), 'nothing to hide')
})
