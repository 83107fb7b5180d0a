import { ChannelCredentials, Metadata, status } from '@grpc/grpc-js'
import t from 'tap'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const edge = await startService(t, servers, 'services/edge/main.ts', {
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_TENANT_LIMITS: '{"narrow":{"streams":2}}',
})
const { restPort, grpcPort } = factsOf(edge)
const bus = await openBus(t, servers.natsUrl)
const createKey = (tenant: string) =>
  bus.call('createKey', { tenant, name: 'test', scopes: ['tasks:read', 'alerts:read'] }, { timeoutMs: 5000 })

t.test('streams: 500 of one tenant leave room for another, over REST and gRPC together', async (t) => {
  const [many, narrow, other] = await Promise.all(
    ['acme', 'narrow', 'other'].map((tenant) => createKey(tenant)),
  )
  const isKnown = async ({ secret }: { secret: string }) =>
    (await fetch(`http://127.0.0.1:${restPort}/v1/tasks`, { headers: { authorization: `Bearer ${secret}` } }))
      .status === 200
  // The edge hears of new keys a moment later.
  await until('the keys are known', async () =>
    (await Promise.all([many!, narrow!, other!].map(isKnown))).every(Boolean),
  )
  // A response that nobody holds is collected with its connection: those streams would end.
  const held: Response[] = []
  const watch = async (secret: string, closing: AbortController) => {
    const response = await fetch(`http://127.0.0.1:${restPort}/v1/alerts/events`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: closing.signal,
    })
    held.push(response)
    return { status: response.status, text: response.status === 200 ? '' : await response.text() }
  }
  const closing = new AbortController()
  t.teardown(() => closing.abort())
  const all = await Promise.all(Array.from({ length: 500 }, () => watch(many!.secret, closing)))
  const refused = all.filter(({ status }) => status === 429)
  t.equal(all.filter(({ status }) => status === 200).length, 100)
  t.equal(refused.length, 400)
  t.match(JSON.parse(refused[0]!.text), { code: 'QUOTA_EXCEEDED', retryAfterMs: 5000 })
  t.match(refused[0]!.text, /has 100 streams open here, 100 may be/)
  t.equal((await watch(other!.secret, closing)).status, 200, 'another tenant watches')
  const one = new AbortController()
  t.equal((await watch(narrow!.secret, one)).status, 200)
  t.equal((await watch(narrow!.secret, closing)).status, 200)
  t.equal((await watch(narrow!.secret, closing)).status, 429, 'as many as the operator says')
  const client = new TaskServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => client.close())
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${narrow!.secret}`)
  const code = await new Promise<number>((resolve) => {
    const stream = client.watchTask({ taskId: 'none' }, metadata)
    stream.on('error', (error) => resolve((error as unknown as { code: number }).code))
    stream.on('data', () => {})
  })
  t.equal(code, status.RESOURCE_EXHAUSTED)
  one.abort()
  await until(
    'one that is closed makes room',
    async () => (await watch(narrow!.secret, closing)).status === 200,
  )
})
