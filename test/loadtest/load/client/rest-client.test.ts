import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { problemError, restClient } from '../../../../loadtest/load/client/rest-client.ts'
import { readFiles } from '../../../../loadtest/load/users/files.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** An edge that answers as it is told to. */
async function edgeWith(t: Test, handler: Handler) {
  const server = createServer(handler)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const client = restClient(`http://127.0.0.1:${port}`, { key: 'secret', files: readFiles() })
  t.teardown(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return client
}

t.test('asks with its key, and reads answers', async (t) => {
  const seen: (string | undefined)[] = []
  const client = await edgeWith(t, (request, response) => {
    seen.push(request.url, request.headers.authorization)
    request.resume().on('end', () => response.end('{"taskId":"t1","duplicate":false}'))
  })
  t.match(await client.ask({ op: 'submit', submission: {} }, 5000), { taskId: 't1' })
  t.strictSame(seen, ['/v1/tasks', 'Bearer secret'])
})

t.test('a watch is read until its task is over; one that is cut off says so', async (t) => {
  let cut = false
  const client = await edgeWith(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('retry: 1000\n\nevent: snapshot\ndata: {"task":{"status":"running"}}\n\n')
    if (cut) return void response.destroy()
    response.write('event: event\ndata: {"kind":"failed"}\n\n')
    response.end(
      'event: snapshot\ndata: {"task":{"status":"failed","error":{"code":"STEP_TIMEOUT"}}}\n\nevent: end\ndata: {}\n\n',
    )
  })
  t.strictSame(await client.ask({ op: 'watchTask', taskId: 't1' }, 5000), {
    status: 'failed',
    code: 'STEP_TIMEOUT',
  })
  cut = true
  await t.rejects(client.ask({ op: 'watchTask', taskId: 't1' }, 5000), { code: 'CONNECTION' })
})

t.test('no answer in time, nobody there, and a problem have codes of their own', async (t) => {
  let answer = (_response: ServerResponse) => {}
  const client = await edgeWith(t, (request, response) => {
    request.resume()
    answer(response)
  })
  await t.rejects(client.ask({ op: 'getStatus' }, 50), { code: 'CLIENT_TIMEOUT' })
  answer = (response) => void response.destroy()
  await t.rejects(client.ask({ op: 'getStatus' }, 5000), { code: 'CONNECTION' })
  answer = (response) => void response.writeHead(429).end('{"code":"OVERLOADED","retryAfterMs":1500}')
  await t.rejects(client.ask({ op: 'submit', submission: {} }, 5000), {
    code: 'OVERLOADED',
    retryAfterMs: 1500,
    isRefusal: true,
  })
})

t.test('whoever vanishes is gone before the answer, and waits for none', async (t) => {
  const gone = new Promise<void>((resolve) => {
    void edgeWith(t, (request) => request.on('close', resolve)).then((client) =>
      client.ask({ op: 'vanish', submission: {}, afterMs: 20 }, 5000),
    )
  })
  await gone
})

t.test('what is no problem of ours is known by its status', async (t) => {
  t.match(problemError(502, '<html>'), { code: 'HTTP_502', isRefusal: false, retryAfterMs: undefined })
  t.match(problemError(503, '{"code":"UNAVAILABLE","retryAfterMs":200}'), {
    code: 'UNAVAILABLE',
    retryAfterMs: 200,
  })
})
