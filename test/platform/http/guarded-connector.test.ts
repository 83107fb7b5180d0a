import type { LookupAddress } from 'node:dns'
import t from 'tap'
import type { ResolveAll } from '#platform/http/guarded-connector.ts'
import { createHttpClient, type HttpClientOptions } from '#platform/http/http-client.ts'
import { startServer } from './local-server.ts'

const signal = new AbortController().signal
const request = {
  method: 'GET',
  headers: {},
  body: undefined,
  maxBytes: 1000,
  timeoutMs: 5000,
  signal,
} as const

function openClient(t: { teardown(end: () => unknown): void }, options: HttpClientOptions) {
  const client = createHttpClient(options)
  t.teardown(() => client.close())
  return (url: string) => client.call({ ...request, url })
}

/** A resolver that gives one answer after the other and then the last one for ever. */
function answering(...answers: LookupAddress[][]): { resolve: ResolveAll; asked: string[] } {
  const asked: string[] = []
  const resolve: ResolveAll = (hostname, _options, callback) => {
    asked.push(hostname)
    callback(null, (answers.length > 1 ? answers.shift() : answers[0]) ?? [])
  }
  return { resolve, asked }
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 })

t.test('names that resolve to private addresses are refused when connecting', async (t) => {
  const server = await startServer(t, (_request, response) => response.end('inside'))
  for (const address of [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fe80::1%lo',
  ]) {
    const { resolve } = answering([{ address, family: address.includes(':') ? 6 : 4 }])
    const call = openClient(t, { allow: [], ports: 'any', resolve })
    await t.rejects(call(`http://innocent.example:${server.port}/`), { code: 'ADDRESS_FORBIDDEN' }, address)
  }
  t.equal(server.seen.length, 0)
})

t.test('localhost in all its spellings is refused', async (t) => {
  const server = await startServer(t, (_request, response) => response.end('inside'))
  const call = openClient(t, { allow: [], ports: 'any' })
  for (const host of ['localhost', 'localhost.', 'LOCALHOST', '127.0.0.1', '[::1]', '0']) {
    await t.rejects(call(`http://${host}:${server.port}/`), { code: 'ADDRESS_FORBIDDEN' }, host)
  }
  t.equal(server.seen.length, 0)
})

t.test('a name that changes its address after the first call gains nothing', async (t) => {
  const server = await startServer(t, (_request, response) => {
    response.setHeader('connection', 'close')
    response.end('hello')
  })
  // 127.0.0.2 plays the public address here.
  const { resolve, asked } = answering([v4('127.0.0.2')], [v4('127.0.0.1')])
  const call = openClient(t, { allow: ['127.0.0.2'], ports: 'any', resolve })
  const url = `http://rebinding.example:${server.port}/`
  t.equal((await call(url)).status, 200)
  await t.rejects(call(url), { code: 'ADDRESS_FORBIDDEN' })
  t.equal(server.seen.length, 1)
  t.equal(asked.length, 2)
})

t.test('of several addresses only the allowed ones are tried', async (t) => {
  const server = await startServer(t, (_request, response) => response.end('hello'))
  const { resolve } = answering([v4('127.0.0.1'), v4('127.0.0.2')])
  const call = openClient(t, { allow: ['127.0.0.2'], ports: 'any', resolve })
  t.equal((await call(`http://both.example:${server.port}/`)).status, 200)
})

t.test('a redirect to a private address is refused, literal or name', async (t) => {
  const inside = await startServer(t, (_request, response) => response.end('secret'))
  for (const target of [`http://127.0.0.1:${inside.port}/`, `http://inside.example:${inside.port}/`]) {
    const outside = await startServer(t, (_request, response) => {
      response.writeHead(302, { location: target }).end()
    })
    const resolve: ResolveAll = (hostname, _options, callback) =>
      callback(null, [v4(hostname === 'outside.example' ? '127.0.0.2' : '127.0.0.1')])
    const call = openClient(t, { allow: ['127.0.0.2'], ports: 'any', resolve })
    await t.rejects(call(`http://outside.example:${outside.port}/`), { code: 'ADDRESS_FORBIDDEN' }, target)
  }
  t.equal(inside.seen.length, 0)
})
