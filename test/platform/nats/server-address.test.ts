import t from 'tap'
import { clusterOf } from '../../../services/platform/nats/server-address.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

t.test('a connection follows its server to another port and another password', async (t) => {
  const first = await withServers(t)
  const second = await withServers(t)
  let url = first.natsUrlOf('operator')
  const bus = await openBus(t, url, { currentUrl: () => url })
  const heard: string[] = []
  bus.subscribe('tasks.events.*.*.failed', ({ subject }) => heard.push(subject))
  await bus.flush()
  await first.killNats()
  await until('the loss is noticed', () => !bus.connected)
  url = second.natsUrlOf('operator')
  await until('it is connected again', () => bus.connected)
  const other = await openBus(t, second.natsUrl)
  other.publishCore('tasks.events.plan.t1.failed', '{}')
  await until('subscriptions came along', () => heard.length === 1)
  t.same(heard, ['tasks.events.plan.t1.failed'])
})

t.test('a server at the same address with a new password is not given up', async (t) => {
  const servers = await withServers(t)
  const right = servers.natsUrlOf('operator')
  let url: string | undefined = right
  let tries = 0
  const bus = await openBus(t, right, {
    currentUrl: () => url,
    onStatus: (status) => {
      if (status === 'reconnecting') tries++
    },
  })
  // As while a stack starts: NATS is up, its note is the one of the run before.
  url = right.replace(/:[^:@]+@/, ':of-the-run-before@')
  await servers.killNats()
  await until('the loss is noticed', () => !bus.connected)
  await servers.restartNats()
  tries = 0
  await until('it was refused some times', () => tries >= 5)
  t.equal(bus.connected, false)
  url = right
  await until('it is connected again', () => bus.connected)
})

t.test('a server that is linked to others as a leaf is no cluster', async (t) => {
  t.equal(clusterOf({ server_name: 'n1', cluster: 'murmur' }), 'murmur')
  t.equal(clusterOf({ server_name: 'west', cluster: 'west' }), undefined)
  t.equal(clusterOf({ server_name: 'n1' }), undefined)
  t.equal(clusterOf(undefined), undefined)
})
