import t from 'tap'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { stackLines, targetOf, withClient } from '../../../services/cli/session/session.ts'
import { testContext } from '../cli-context-fixture.ts'

const VARIABLES = ['MURMUR_EDGE_URL', 'MURMUR_NATS_URL', 'MURMUR_API_KEY', 'MURMUR_API_KEY_FILE'] as const
t.beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name]
})

const NATS = 'nats://192.0.2.1:4222'
const EDGE = 'http://192.0.2.2:8080'

t.test('what stands on the command line comes before the environment, an edge before NATS', async (t) => {
  process.env.MURMUR_NATS_URL = 'nats://192.0.2.9'
  t.match(targetOf(testContext()), { natsUrl: 'nats://192.0.2.9' })
  process.env.MURMUR_EDGE_URL = 'http://192.0.2.8/'
  t.strictSame(targetOf(testContext()), { edge: { url: 'http://192.0.2.8', credential: undefined } })
  t.strictSame(targetOf({ ...testContext(), natsUrl: NATS, tenant: 'acme' }), {
    natsUrl: NATS,
    tenant: 'acme',
  })
  process.env.MURMUR_API_KEY = 'key-1'
  t.strictSame(targetOf({ ...testContext(), edgeUrl: EDGE }), { edge: { url: EDGE, credential: 'key-1' } })
})

t.test('over an edge the tenant is that of the credential', async (t) => {
  t.throws(() => targetOf({ ...testContext(), edgeUrl: EDGE, tenant: 'acme' }), {
    code: 'USAGE',
    message: /the tenant is that of the credential/,
  })
})

t.test('without a stack and a name there is nowhere to go', async (t) => {
  const context = testContext({ home: t.testdir() })
  t.equal(targetOf(context), undefined)
  await t.rejects(
    withClient(context, async () => undefined),
    { code: 'NO_STACK', exitCode: 4, message: /run\/stack\.json/ },
  )
})

t.test('an edge is asked by the first call only', async (t) => {
  const context = { ...testContext(), edgeUrl: 'http://127.0.0.1:9' }
  t.equal(await withClient(context, async ({ address }) => address), 'http://127.0.0.1:9')
  await t.rejects(
    withClient(context, (client) => client.agents()),
    { code: 'UNAVAILABLE' },
  )
})

t.test('of what the stack reports, the first line stands out', async (t) => {
  t.strictSame(stackLines('ready\nlog 1\nlog 2', noPaint), ['· ready', '    log 1', '    log 2'])
})
