import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { createHttpClient, type HttpRequest } from '#platform/http/http-client.ts'
import { startServer } from './local-server.ts'

const client = createHttpClient({ allow: ['127.0.0.0/8'], ports: 'any' })
t.teardown(() => client.close())

const signal = new AbortController().signal
function get(url: string, more: Partial<HttpRequest> = {}) {
  const limits = { maxBytes: 100_000, timeoutMs: 5000 }
  return client.call({ url, method: 'GET', headers: {}, body: undefined, signal, ...limits, ...more })
}

t.test('bodies are decompressed', async (t) => {
  const encodings = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync, identity: Buffer.from }
  for (const [encoding, encode] of Object.entries(encodings)) {
    const server = await startServer(t, (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(encode(Buffer.from('hello')))
    })
    const answer = await get(server.origin)
    t.equal(Buffer.from(answer.body).toString(), 'hello', encoding)
    t.equal(server.seen[0]?.headers['accept-encoding'], 'gzip, br, zstd')
  }
})

t.test('a bomb costs no more than the limit, whatever it is packed in', async (t) => {
  const bomb = Buffer.alloc(64 * 1024 * 1024)
  const packed = { gzip: gzipSync(bomb), br: brotliCompressSync(bomb), zstd: zstdCompressSync(bomb) }
  for (const [encoding, body] of Object.entries({ ...packed, identity: bomb })) {
    const server = await startServer(t, (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })
    const before = process.memoryUsage().arrayBuffers
    await t.rejects(get(server.origin), { code: 'LIMIT_EXCEEDED' }, encoding)
    t.ok(process.memoryUsage().arrayBuffers - before < 32 * 1024 * 1024, `${encoding} did not unfold`)
  }
})

t.test('a body that never ends is cut off at the limit', async (t) => {
  const server = await startServer(t, (_request, response) => {
    const chunk = Buffer.alloc(16 * 1024, 'x')
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  })
  await t.rejects(get(server.origin), { code: 'LIMIT_EXCEEDED' })
})

t.test('broken and unknown encodings are an error of the service', async (t) => {
  const cases = {
    gzip: gzipSync('hello').subarray(0, 12),
    br: Buffer.from('no brotli'),
    'gzip, gzip': Buffer.from('x'),
  }
  for (const [encoding, body] of Object.entries(cases)) {
    const server = await startServer(t, (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })
    await t.rejects(get(server.origin), { code: 'UPSTREAM_ERROR' }, encoding)
  }
})

t.test('an answer without a body may carry an encoding', async (t) => {
  const server = await startServer(t, (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '0' }).end()
  })
  t.equal((await get(server.origin)).body.length, 0)
  t.equal((await get(server.origin, { method: 'HEAD' })).body.length, 0)
})

t.test('too large headers are refused', async (t) => {
  const server = await startServer(t, (_request, response) => {
    response.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end()
  })
  await t.rejects(get(server.origin), { code: 'LIMIT_EXCEEDED' })
})

t.test('time limits hold before the headers and inside the body', async (t) => {
  const silent = await startServer(t, () => {})
  await t.rejects(get(silent.origin, { timeoutMs: 50 }), { code: 'UPSTREAM_TIMEOUT', mayHaveArrived: true })
  const dripping = await startServer(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('x')
  })
  await t.rejects(get(dripping.origin, { timeoutMs: 80 }), { code: 'UPSTREAM_TIMEOUT', mayHaveArrived: true })
})

t.test('an aborted call ends with the reason of its signal', async (t) => {
  const server = await startServer(t, () => ending.abort(new Error('stopping')))
  const ending = new AbortController()
  await t.rejects(get(server.origin, { signal: ending.signal }), { message: 'stopping' })
})

t.test('it is known whether a request may have arrived', async (t) => {
  const gone = await startServer(t, (_request, response) => response.socket?.destroy())
  await t.rejects(get(gone.origin), { code: 'UPSTREAM_ERROR', mayHaveArrived: true })
  // Port 1 is reserved and nothing listens there.
  await t.rejects(get('http://127.0.0.1:1/'), { code: 'UPSTREAM_ERROR', mayHaveArrived: false })
  const passingOn = await startServer(t, (_request, response) => {
    response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
  })
  const posted = get(passingOn.origin, { method: 'POST', body: 'x' })
  await t.rejects(posted, { code: 'UPSTREAM_ERROR', mayHaveArrived: true })
})

t.test('redirects change the method as in the fetch standard', async (t) => {
  const expected: [status: number, method: 'POST' | 'PUT' | 'HEAD', then: string, body: string][] = [
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [302, 'PUT', 'PUT', 'data'],
    [307, 'POST', 'POST', 'data'],
    [308, 'POST', 'POST', 'data'],
    [303, 'HEAD', 'HEAD', ''],
  ]
  for (const [status, method, then, body] of expected) {
    const server = await startServer(t, (request, response) => {
      if (request.url === '/end') response.end('ok')
      else response.writeHead(status, { location: '/end' }).end('moved')
    })
    const sent = {
      method,
      headers: { 'content-type': 'text/plain' },
      body: method === 'HEAD' ? undefined : 'data',
    }
    const answer = await get(`${server.origin}/start`, sent)
    t.equal(answer.url.pathname, '/end')
    t.match(server.seen[1], { method: then, body }, `${status} ${method}`)
    const kept = then === 'GET' ? undefined : 'text/plain'
    t.equal(server.seen[1]?.headers['content-type'], kept)
  }
})

t.test('only harmless headers go on to another origin, and none come back', async (t) => {
  const other = await startServer(t, (_request, response) => {
    response.writeHead(302, { location: `${first.origin}/back` }).end()
  })
  const first = await startServer(t, (request, response) => {
    if (request.url === '/back') response.end('ok')
    else if (request.url === '/same') response.writeHead(302, { location: other.origin }).end()
    else response.writeHead(302, { location: '/same' }).end()
  })
  const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', accept: 'application/json' }
  t.equal((await get(first.origin, { headers })).status, 200)
  t.match(first.seen[1]?.headers, headers, 'the same origin still gets them')
  for (const request of [other.seen[0], first.seen[2]]) {
    t.equal(request?.headers.accept, 'application/json')
    for (const name of ['authorization', 'cookie', 'x-api-key'])
      t.equal(request?.headers[name], undefined, name)
  }
})

t.test('redirects end after five, and are not followed where they are wanted as they are', async (t) => {
  const server = await startServer(t, (_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  )
  await t.rejects(get(server.origin), { code: 'UPSTREAM_ERROR', message: /more than 5/ })
  t.equal(server.seen.length, 6)
  t.equal((await get(server.origin, { keeps: (status) => status === 302 })).status, 302)
})

t.test('a redirect without a target is an answer, one to a file is refused', async (t) => {
  const nowhere = await startServer(t, (_request, response) => response.writeHead(302).end('here'))
  t.equal((await get(nowhere.origin)).status, 302)
  const file = await startServer(t, (_request, response) => {
    response.writeHead(302, { location: 'file:///etc/passwd' }).end()
  })
  await t.rejects(get(file.origin), { code: 'ADDRESS_FORBIDDEN' })
})
