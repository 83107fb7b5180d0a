import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Connection } from '../../../services/console/data/connection.ts'
import { type LiveEvent, LiveStream } from '../../../services/console/data/live-stream.ts'
import { until } from '../../support/until.ts'

/** A server whose every connection is answered by the next of these. */
async function serve(t: Test, answers: ((response: ServerResponse, lastId: string | undefined) => void)[]) {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const last = request.headers['last-event-id'] as string | undefined
    asked.push(last)
    const answer = answers[Math.min(asked.length, answers.length) - 1]!
    answer(response, last)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked }
}

const head = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })
const say = (response: ServerResponse, id: number) =>
  response.write(`id: ${id}\nevent: event\ndata: {"rev":${id}}\n\n`)

function follow(t: Test, url: string) {
  const told: LiveEvent[] = []
  const states: string[] = []
  const connection = new Connection()
  let end: unknown = 'none'
  const stream = new LiveStream({
    url,
    onEvents: (events) => told.push(...events),
    onState: (state) => states.push(`${state} ${connection.state}`),
    onEnd: (problem) => {
      end = problem?.code ?? 'end'
    },
    connection,
    schedule: (run) => void setImmediate(run),
    firstRetryMs: 5,
  })
  t.teardown(() => stream.close())
  return { told, states, stream, ended: () => end, ids: () => told.map(({ id }) => Number(id)) }
}

t.test('it goes on where it was, without a lost or a doubled event', async (t) => {
  const { url, asked } = await serve(t, [
    (response) => {
      head(response)
      say(response, 1)
      say(response, 2)
      setImmediate(() => response.destroy())
    },
    (response) =>
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"code":"UNAVAILABLE"}'),
    (response) => {
      head(response)
      // What was told already comes again: the server can not know what arrived.
      say(response, 2)
      say(response, 3)
      response.end('event: end\ndata: {}\n\n')
    },
  ])
  const { ids, ended, states } = follow(t, url)
  await until('the stream', () => ended() !== 'none')
  t.strictSame(ids(), [1, 2, 3])
  t.equal(ended(), 'end')
  t.equal(asked[0], undefined)
  t.ok(
    asked.slice(1).every((last) => last === '2' || last === '1'),
    asked.join(),
  )
  t.ok(states.includes('broken reconnecting'), 'whoever watches is told meanwhile')
  t.equal(states.at(-1), 'over live')
})

t.test('what can not pass ends it with its reason', async (t) => {
  const { url, asked } = await serve(t, [
    (response) =>
      response
        .writeHead(404, { 'content-type': 'application/problem+json' })
        .end('{"code":"TASK_NOT_FOUND","detail":"no"}'),
  ])
  const { ended } = follow(t, url)
  await until('the stream', () => ended() !== 'none')
  t.equal(ended(), 'TASK_NOT_FOUND')
  t.equal(asked.length, 1)
})

t.test(
  'a problem within the stream ends it when its credential does, and not when it may pass',
  async (t) => {
    const problem = (code: string, status: number) => (response: ServerResponse) => {
      head(response)
      response.end(
        `event: problem\ndata: ${JSON.stringify({ problem: { code, status, message: 'x', fix: 'y' } })}\n\n`,
      )
    }
    const { url, asked } = await serve(t, [problem('OVERLOADED', 503), problem('UNAUTHENTICATED', 401)])
    const { ended } = follow(t, url)
    await until('the stream', () => ended() !== 'none')
    t.equal(ended(), 'UNAUTHENTICATED')
    t.equal(asked.length, 2)
  },
)

t.test('closed, it asks no more', async (t) => {
  const { url, asked } = await serve(t, [(response) => void head(response).write(':\n\n')])
  const { stream, states } = follow(t, url)
  await until('the stream', () => states.length > 0)
  stream.close()
  t.equal(states.at(-1), 'over live')
  await new Promise<void>((resolve) => setImmediate(resolve))
  t.equal(asked.length, 1)
})
