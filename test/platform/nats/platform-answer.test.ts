import t from 'tap'
import { CAMERA_EVENTS_CONSUMER, STREAMS } from '#subjects/streams.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const ALERTING = 'agent-alerting'
const servers = await withServers(t, {
  users: {
    guest: 'everything',
    processes: { [ALERTING]: { nats: [{ kind: 'agent', type: 'alerting' }], redis: [] } },
  },
})
const platform = await openBus(t, servers.natsUrl)
await platform.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })
const { nc: root } = await openNats(t, servers.natsUrl)
const { stream, name } = CAMERA_EVENTS_CONSUMER

/** What is asked of the platform's JetStream meanwhile. */
async function asked(run: () => Promise<unknown>): Promise<string[]> {
  const subjects: string[] = []
  const spy = root.subscribe('$JS.API.>', { callback: (_, { subject }) => void subjects.push(subject) })
  await root.flush()
  await run()
  await root.flush()
  spy.unsubscribe()
  return subjects
}

t.test('from an account without streams, those of the platform are asked about, once', async (t) => {
  const apart = await openBus(t, servers.natsUrlOf(ALERTING), { hasJetStream: false })
  const questions = await asked(async () =>
    t.equal(await apart.consumers.depth(stream, name), undefined, 'a consumer that is not there'),
  )
  t.strictSame(questions, [`$JS.API.CONSUMER.INFO.${stream}.${name}`])
  await platform.consumers.provision(CAMERA_EVENTS_CONSUMER)
  await platform.publisher.publish('cameras.events.default.yard', '{}', { msgId: 'event' })
  t.match(await apart.consumers.depth(stream, name), { waiting: 1, inWork: 0 })
  const alerts = STREAMS.alerts.name
  const get = `$JS.API.STREAM.MSG.GET.${alerts}`
  t.equal(await apart.streams.lastSeq(alerts, '>'), 0, 'an empty stream')
  const { seq } = await platform.publisher.publish('alerts.info.default.yard', '{"a":1}', { msgId: 'alert' })
  t.strictSame(await asked(async () => t.equal(await apart.streams.lastSeq(alerts, '>'), seq)), [get])
  const message = await apart.streams.nextMessage(alerts, '>', 1)
  t.match(message, { seq, subject: 'alerts.info.default.yard' })
  t.equal(message?.header('Nats-Msg-Id'), 'alert')
  t.strictSame(JSON.parse(Buffer.from(message!.data).toString()), { a: 1 })
})

t.test(
  'who is in the account of the platform gets the same answers, if it says that it is not',
  async (t) => {
    const bus = await openBus(t, servers.natsUrl, { hasJetStream: false })
    t.match(await bus.consumers.depth(stream, name), await platform.consumers.depth(stream, name))
    const alerts = STREAMS.alerts.name
    t.equal(await bus.streams.lastSeq(alerts, '>'), await platform.streams.lastSeq(alerts, '>'))
  },
)
