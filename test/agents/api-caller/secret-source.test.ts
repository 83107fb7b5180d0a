import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

const SECRET = 'hush-"hush"-0815'

const headers = { authorization: { $secret: 'API_TOKEN', prefix: 'Bearer ' } }

t.test('a secret goes nowhere but where it was granted to', async (t) => {
  const granted = await startServer(t, (_request, response) =>
    response.writeHead(302, { location: other.origin }).end(),
  )
  const other = await startServer(t, (_request, response) => response.end('{}'))
  const secrets = {
    grants: [{ name: 'API_TOKEN', origin: granted.origin }],
    values: new Map([['API_TOKEN', SECRET]]),
  }
  const { call } = openCaller(t, { secrets })
  const refused = await call({ url: other.origin, headers })
  t.match(refused, {
    kind: 'fail',
    error: { code: 'ADDRESS_FORBIDDEN', message: /API_TOKEN may not be sent/ },
  })
  t.equal(other.seen.length, 0)
  t.match(await call({ url: granted.origin, headers }), { kind: 'done' })
  t.equal(other.seen[0]?.headers.authorization, undefined, 'not after a redirect either')
})

t.test('files of the folder are read at each use and win over the environment', async (t) => {
  const server = await startServer(t, (_request, response) => response.end('{}'))
  const folder = t.testdir({ API_TOKEN: 'from-the-file\n' })
  const grants = ['API_TOKEN', 'OTHER_TOKEN', 'NO_TOKEN'].map((name) => ({ name, origin: server.origin }))
  const values = new Map([
    ['API_TOKEN', 'from-the-environment'],
    ['OTHER_TOKEN', 'short'],
  ])
  const { call } = openCaller(t, { secrets: { grants, folder, values } })
  await call({ url: server.origin, headers: { 'x-key': { $secret: 'API_TOKEN' } } })
  await writeFile(join(folder, 'API_TOKEN'), 'rotated-since')
  await call({ url: server.origin, headers: { 'x-key': { $secret: 'API_TOKEN' } } })
  t.strictSame(
    server.seen.map((request) => request.headers['x-key']),
    ['from-the-file', 'rotated-since'],
  )
  for (const name of ['OTHER_TOKEN', 'NO_TOKEN']) {
    const outcome = await call({ url: server.origin, headers: { 'x-key': { $secret: name } } })
    t.match(outcome, { kind: 'retry', error: { code: 'UNAVAILABLE' } }, name)
  }
})
