import { gzipSync } from 'node:zlib'
import t from 'tap'
import { createTestContext } from '#sdk/testing.ts'
import { readJsonPointer } from '../../../services/agents/api-caller/shape-response.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

t.test('a JSON answer, with query, headers and a pick', async (t) => {
  const server = await startServer(t, (_request, response) => {
    response.setHeader('content-type', 'application/json').setHeader('set-cookie', 'session=1')
    response.end('{"items":[{"a/b":{"~":7}}]}')
  })
  const { call } = openCaller(t)
  const outcome = await call({
    url: `${server.origin}/things?x=1#part`,
    query: { tag: ['a', 'b c'], page: 2 },
    headers: { 'X-Trace': 'yes' },
    pick: '/items/0/a~1b/~0',
  })
  t.match(outcome, {
    kind: 'done',
    output: { status: 200, json: 7, attempts: 1, url: `${server.origin}/things` },
  })
  t.notMatch(JSON.stringify(outcome), /session/)
  t.match(server.seen[0], {
    method: 'GET',
    url: '/things?x=1&tag=a&tag=b+c&page=2',
    headers: { 'x-trace': 'yes' },
  })
  t.equal(server.seen[0]?.headers['idempotency-key'], undefined)
})

t.test('texts in their charset, no body, and errors that are expected', async (t) => {
  const server = await startServer(t, ({ url }, response) => {
    if (url === '/empty') return response.writeHead(204).end()
    if (url === '/missing') return response.writeHead(404).end('{"error":"none"}')
    response.setHeader('content-type', 'text/plain; charset=iso-8859-1').end(Buffer.from('gr\xfcn', 'latin1'))
  })
  const { call } = openCaller(t)
  t.match(await call({ url: server.origin, accept: 'text' }), { output: { text: 'grün' } })
  const empty = await call({ url: `${server.origin}/empty` })
  t.match(empty, { kind: 'done', output: { status: 204, bytes: 0 } })
  const missing = await call({ url: `${server.origin}/missing`, expect: ['2xx', 404] })
  t.match(missing, { kind: 'done', output: { status: 404, json: { error: 'none' } } })
})

t.test('binary and very large answers go to the object store', async (t) => {
  const large = 'x'.repeat(1_100_000)
  const server = await startServer(t, ({ url }, response) => {
    if (url === '/png')
      return response.setHeader('content-type', 'image/png').end(Buffer.from([0x89, 0, 1, 2]))
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(url === '/json' ? JSON.stringify({ large, small: 1 }) : large))
  })
  const { call } = openCaller(t)
  const { blobs } = createTestContext()
  const png = await call({ url: `${server.origin}/png`, accept: 'binary' }, { blobs })
  t.match(png, { output: { blob: { size: 4, contentType: 'image/png' } } })
  if (png.kind === 'done' && png.output.blob) {
    t.strictSame([...(await blobs.get(png.output.blob))], [0x89, 0, 1, 2])
  }
  t.match(await call({ url: server.origin, accept: 'text' }), { output: { blob: { size: large.length } } })
  const json = await call({ url: `${server.origin}/json` })
  t.match(json, { output: { blob: { contentType: 'application/json' } } })
  t.match(await call({ url: `${server.origin}/json`, pick: '/small' }), { output: { json: 1 } })
})

t.test('JSON pointers of RFC 6901', async (t) => {
  const value = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, n: null }
  t.equal(readJsonPointer(value, ''), value)
  t.strictSame(readJsonPointer(value, '/foo'), ['bar', 'baz'])
  t.equal(readJsonPointer(value, '/foo/1'), 'baz')
  t.equal(readJsonPointer(value, '/'), 0)
  t.equal(readJsonPointer(value, '/a~1b'), 1)
  t.equal(readJsonPointer(value, '/m~0n'), 8)
  t.equal(readJsonPointer(value, '/n'), null)
  for (const pointer of ['/foo/01', '/foo/-', '/foo/2', '/n/x', '/toString', '/foo/length']) {
    t.equal(readJsonPointer(value, pointer), undefined, pointer)
  }
})
