import t from 'tap'
import { askedChange, introduction, requesterOf } from '#platform/nats/requester.ts'
import { Bus } from '../../../services/platform/nats/bus.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const message = (reply: string | undefined, said: Record<string, string> = {}) => ({
  subject: 'murmur.tenants.acme.tasks.cancel',
  data: new Uint8Array(),
  reply,
  header: (name: string) => said[name],
})

t.test('who asks is whoever alone hears the answer; the rest is what is said', async (t) => {
  t.strictSame(requesterOf(message('_INBOX_OF.operator.x1.2')), { subject: 'nats:operator' })
  for (const reply of ['_INBOX.x1.2', '_INBOX_OF.operator', 'other.operator.x', undefined])
    t.strictSame(requesterOf(message(reply)), { subject: 'nats' }, String(reply))
  const said = introduction('anna\nforged', '10.0.0.7')
  t.strictSame(requesterOf(message('_INBOX_OF.ops.a.b', said)), {
    subject: 'nats:ops',
    by: 'anna?forged',
    address: '10.0.0.7',
  })
  t.equal(requesterOf(message('_INBOX.x', { 'Murmur-By': 'x'.repeat(999) })).by?.length, 128)
})

t.test('a change: what it is about is in the answer, else in the request', async (t) => {
  const about = message('_INBOX_OF.ops.a.b')
  t.match(askedChange('cancelTask', about, { request: { taskId: 't1' }, code: 'TASK_NOT_FOUND' }), {
    operation: 'cancelTask',
    tenant: 'acme',
    target: 't1',
    code: 'TASK_NOT_FOUND',
  })
  t.match(
    askedChange('createKey', about, { request: { name: 'ci' }, answer: { key: { id: 'k1' } }, code: 'OK' }),
    {
      target: 'k1',
    },
  )
  t.equal(askedChange('submitTask', about, { request: new Uint8Array(3), code: 'OK' }).target, undefined)
})

t.test(
  'a bus tells who asked for changes, and how that ended; of what only reads it tells nothing',
  async (t) => {
    const servers = await withServers(t)
    const bus = await openBus(t, servers.natsUrl)
    const client = await Bus.connect({ url: servers.natsUrl, name: 'client' })
    t.teardown(() => client.close())
    client.introduce('anna')
    const heard: object[] = []
    bus.onChangeAsked((change) => heard.push(change))
    bus.serve('cancelTask', ({ taskId }) => ({ taskId, accepted: true as const }))
    bus.serve('listAgents', () => ({ agents: [] }))
    await bus.flush()
    await client.call('listAgents', {})
    await client.call('cancelTask', { taskId: 't1' }, { tenant: 'acme' })
    await t.rejects(client.call('cancelTask', { taskId: 'a.b' }), { code: 'INVALID_REQUEST' })
    t.match(heard, [
      { operation: 'cancelTask', tenant: 'acme', target: 't1', code: 'OK', by: 'anna', address: '127.0.0.1' },
      { operation: 'cancelTask', tenant: 'default', code: 'INVALID_REQUEST', by: 'anna' },
    ])
    t.equal(heard.length, 2)
  },
)
