import { ChannelCredentials, Client, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { rssMb } from '../../loadtest/bench/measure.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { grpcCases } from './hostile/grpc-cases.ts'
import { httpCases } from './hostile/http-cases.ts'
import { natsCases } from './hostile/nats-cases.ts'
import { encode, sendBytes } from './hostile/raw-http.ts'
import { RawNats } from './hostile/raw-nats.ts'
import { slowCases } from './hostile/slow-clients.ts'

// What hostile or broken clients send, through every transport, at services that run as processes of their own: nothing crashes,
// nothing leaks, nothing is accepted that is wrong, and no answer blames the server for what the client did.

const AT_ONCE = 16
const MAX_GROWTH_MB = 120
/** What a request may take, instead of 20 s: the test waits for it. */
const REQUEST_TIMEOUT_MS = 5000
const SLOW_TIMEOUT_MS = 25_000

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const [edge] = await Promise.all([
  startService(t, servers, 'services/edge/main.ts', {
    MURMUR_LOG_LEVEL: 'warn',
    MURMUR_EDGE_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
  }),
  startService(t, servers, 'loadtest/bench/noop-agents.ts'),
  startService(t, servers, 'services/agents/video-agents.ts'),
])
const port = Number(factsOf(edge).restPort)

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function assertWell(t: Test, about: string): Promise<void> {
  t.equal(edge.exitCode, null, `the edge runs after ${about}`)
  const response = await fetch(`http://127.0.0.1:${port}/v1/tasks`)
  t.strictSame(await response.json(), { tasks: [] }, `nothing was accepted: ${about}`)
}

// The server lets them wait for as long as a request may take: so others are tried meanwhile.
const slowAnswers = Promise.all(
  slowCases().map(async ({ name, run }) => {
    const said = await run(port, SLOW_TIMEOUT_MS).catch((error: Error) => error)
    return { name, said }
  }),
)

t.test('REST', async (t) => {
  const before = rssMb(edge.pid!)
  const cases = httpCases()
  const wrong: string[] = []
  await inTurns(cases, async ({ name, request, isFine }) => {
    const { status, code, text } = await sendBytes(port, encode(request, port)).catch((error: Error) => ({
      status: 0,
      code: 'HANGS',
      text: error.message,
    }))
    const isRefused = status === undefined || (status >= 400 && status < 500)
    const isRight = isFine ? status !== undefined && status < 300 : isRefused
    if (!isRight) wrong.push(`${name}: ${status} ${code ?? ''} ${text.slice(0, 200)}`)
    if (code === 'INTERNAL') wrong.push(`${name}: INTERNAL`)
  })
  t.strictSame(wrong, [])
  t.ok(cases.length > 300, `${cases.length} cases`)
  await assertWell(t, 'requests that are wrong')
  const grown = rssMb(edge.pid!) - before
  t.ok(grown < MAX_GROWTH_MB, `the edge grew by ${grown} MB`)
})

t.test('REST: clients that do not go on', async (t) => {
  for (const { name, said } of await slowAnswers) {
    if (said instanceof Error) t.fail(`${name}: ${said.message}`)
    else t.notMatch(said, /^HTTP\/1\.1 (2|5)/, name)
  }
  await assertWell(t, 'slow clients')
})

t.test('NATS', async (t) => {
  const client = await RawNats.open(servers.natsUrl)
  t.teardown(() => client.close())
  const wrong: string[] = []
  const cases = natsCases()
  await inTurns(cases, async (request) => {
    const answer = await client.request(request, 20_000).catch((error: Error) => error.message)
    const problem = /"problem":\{"code":"([A-Z_]+)","status":(\d+)/.exec(answer)
    const status = Number(problem?.[2])
    if (!(status >= 400 && status < 500)) wrong.push(`${request.name}: ${answer.slice(0, 200)}`)
  })
  t.strictSame(wrong, [])
  t.ok(cases.length > 250, `${cases.length} cases`)
  await assertWell(t, 'messages that are wrong')
})

/** What may be said to a client that is wrong. */
const ITS_FAULT = new Set([
  status.CANCELLED,
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.RESOURCE_EXHAUSTED,
  status.UNIMPLEMENTED,
])

t.test('gRPC', async (t) => {
  const client = new Client(`127.0.0.1:${factsOf(edge).grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => client.close())
  const before = rssMb(edge.pid!)
  const same = (value: Buffer) => value
  const call = ({ path, bytes }: { path: string; bytes: Buffer }) =>
    new Promise<ServiceError | undefined>((resolve) => {
      // Streams too: their first answer is all that counts here.
      const stream = client.makeServerStreamRequest(path, same, same, bytes, new Metadata(), {
        deadline: Date.now() + 20_000,
      })
      stream.on('data', () => {
        resolve(undefined)
        stream.cancel()
      })
      stream.on('error', resolve)
      stream.on('end', () => resolve(undefined))
    })
  const wrong: string[] = []
  const cases = grpcCases()
  await inTurns(cases, async (one) => {
    const error = await call(one)
    if (!error || !ITS_FAULT.has(error.code))
      wrong.push(`${one.name}: ${error ? `${status[error.code]} ${error.details}` : 'accepted'}`)
  })
  t.strictSame(wrong, [])
  t.ok(cases.length > 300, `${cases.length} cases`)
  await assertWell(t, 'calls that are wrong')
  const grown = rssMb(edge.pid!) - before
  t.ok(grown < MAX_GROWTH_MB, `the edge grew by ${grown} MB`)
})
