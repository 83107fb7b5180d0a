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
    error: { code: 'SECRET_NOT_GRANTED', message: /API_TOKEN may not be sent/ },
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

t.test('grants hold for tenants, methods and paths, and again where a redirect leads to', async (t) => {
  const server = await startServer(t, ({ url }, response) => {
    const [, to] = /^\/own\/to(.*)/.exec(url ?? '') ?? []
    if (to) response.writeHead(302, { location: to }).end()
    else response.end('{}')
  })
  const { origin } = server
  const grant = {
    name: 'API_TOKEN',
    origin,
    tenants: ['acme'],
    methods: ['GET' as const],
    pathPrefix: '/own',
  }
  const secrets = { grants: [grant], values: new Map([['API_TOKEN', SECRET]]) }
  const { call } = openCaller(t, { secrets })
  const code = async (path: string, tenant: string, more = {}) => {
    const outcome = await call({ url: origin + path, headers, ...more }, { tenant })
    return outcome.kind === 'done' ? 'done' : outcome.error?.code
  }
  const refused = 'SECRET_NOT_GRANTED'
  for (const [path, tenant, more] of [
    ['/own/a', 'other', {}],
    ['/own/a', 'acme', { method: 'POST' }],
    ['/', 'acme', {}],
    ['/owner', 'acme', {}],
    ['/own/../a', 'acme', {}],
    ['/own/%2e%2e/a', 'acme', {}],
    ['/own/..%2fa', 'acme', {}],
    ['/own/..%252fa', 'acme', {}],
    ['/own/..%5ca', 'acme', {}],
    ['/own/..;/a', 'acme', {}],
    ['//own/a', 'acme', {}],
  ] as const)
    t.equal(await code(path, tenant, more), refused, `${tenant} ${path}`)
  t.equal(server.seen.length, 0, 'nothing was sent')
  t.equal(await code('/own', 'acme'), 'done')
  t.equal(await code('/own/to/own/b', 'acme'), 'done')
  t.equal(server.seen.at(-1)?.headers.authorization, `Bearer ${SECRET}`, 'below the path')
  t.equal(await code('/own/to/elsewhere', 'acme'), 'done')
  t.equal(server.seen.at(-1)?.headers.authorization, undefined, 'not beside it')
})
